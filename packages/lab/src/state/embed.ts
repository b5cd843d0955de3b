/** Embed: whether the page stands in a frame of another one, small, as `?embed=1` asks. */
export const isEmbedded: boolean = new URLSearchParams(location.search).get('embed') === '1';

/** The address of the whole page, from that of the embedded one. */
export function wholePage(): string {
  const { href } = location;
  const url = new URL(href);
  url.searchParams.delete('embed');
  return url.href;
}

/** The address of the same, embedded. */
export function embeddedPage(link: string): string {
  const url = new URL(link);
  url.searchParams.set('embed', '1');
  return url.href;
}
