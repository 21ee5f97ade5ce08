import type { LinkIssued } from '@/api/generated.schemas';
import type { Chosen } from '@/shared/UnitPick';

/** What is asked for: links of a unit and all below it, or of that unit alone. */
export type Wanted = { under: Chosen; alone: boolean; form: string; days: number; pin: boolean };

/** What was issued so far: it is shown once. */
export type Issued = { wanted: Wanted; form: string; until: string; links: LinkIssued[]; next: string | null; error: Error | null };

/** Where a link leads: what opens it stands in the fragment, which is sent to no server and stands in no log. */
export const addressOf = (token: string): string => `${location.origin}/fill#${token}`;

/** A cell as the server's own exports write it: what a spreadsheet would take for a formula is guarded by an apostrophe. */
export function cell(text: string): string {
  const guarded = /^'*[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replace(/"/g, '""')}"` : guarded;
}

/** Rows as a CSV that a spreadsheet reads as UTF-8. */
export const csv = (rows: string[][]): string => `\ufeff${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`;

/** Hands a file to the browser. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
