/** A source, as `RFC 9293 §3.5`, with a link to the section for whoever is online. */
import type { JSX } from 'preact';

export function Rfc({ source }: { readonly source: string }): JSX.Element {
  const found = /^(?:RFC )?(\d+)(?:.*?§\s*([\d.]+\d|\d+))?/.exec(source);
  if (found === null) return <span class="rfc">{source}</span>;
  const [, number, section] = found;
  const anchor = section === undefined ? '' : `#section-${section}`;
  return (
    <a class="rfc" href={`https://www.rfc-editor.org/rfc/rfc${number}${anchor}`} target="_blank" rel="noreferrer">
      {source.startsWith('RFC') ? source : `RFC ${source}`}
    </a>
  );
}
