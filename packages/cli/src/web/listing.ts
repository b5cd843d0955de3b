/** The page that stands for a folder without an index. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export async function listing(folder: string, names: readonly string[]): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  const rows = await Promise.all(
    entries.map(async ({ name }) => {
      const found = await stat(join(folder, name)).catch(() => null);
      const isFolder = found?.isDirectory() === true;
      return { name: isFolder ? `${name}/` : name, isFolder, size: isFolder ? '' : String(found?.size ?? '') };
    }),
  );
  rows.sort((a, b) => Number(b.isFolder) - Number(a.isFolder) || (a.name < b.name ? -1 : 1));
  const title = escaped(`/${names.join('/')}`);
  const up = names.filter(Boolean).length === 0 ? '' : '<li><a href="../">../</a></li>\n';
  const lines = rows.map(({ name, size }) => `<li><a href="${linkTo(name)}">${escaped(name)}</a> ${size}</li>\n`);
  return `<!DOCTYPE html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><h1>${title}</h1><ul>
${up}${lines.join('')}</ul></body></html>
`;
}

/** Relative, and with a dot in front: a name may look like a scheme. */
function linkTo(name: string): string {
  return `./${name.split('/').map(encodeURIComponent).join('/')}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
