// What a person says of a book, as the server asks it.
import { getBookImportUrl, getBookLookUrl } from '@/api/generated';
import type { BookColumn, BookLook, ImportReport } from '@/api/generated.schemas';
import { request } from '@/api/http';

/** What is said of it; what is not said is guessed. */
export type Said = { header?: number; map?: string; kinds?: string };

const sent = (body: File) => ({ method: 'POST', body, headers: { 'content-type': 'application/octet-stream' } });

export const lookAt = (file: File, said: Said) => request<BookLook>(getBookLookUrl(said), sent(file));
export const takeIn = (file: File, said: Said) => request<ImportReport>(getBookImportUrl(said), sent(file));

const NAME = /^(?:name|level\d)$/;

/** The columns with one of them changed. A level stands once: who had it is skipped; and levels and a name never stand together. */
export function changed(columns: readonly BookColumn[], column: string, role: string): string {
  const keeps = (c: BookColumn) => {
    if (c.column === column) return role;
    const other = NAME.test(role) && NAME.test(c.role) && (c.role === role || role === 'name' || c.role === 'name');
    return other ? 'skip' : c.role;
  };
  return columns.map((c) => `${c.column}=${keeps(c)}`).join(',');
}
