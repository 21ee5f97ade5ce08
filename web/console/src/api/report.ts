// Filing a report: the one write that must never happen twice and never be lost in silence.
import { linkReport, reportFile as file } from './generated';
import type { ReceiptBody, ReportBody } from './generated.schemas';
import { ROLE_HEADER } from './http';
import type { At } from './queries';

/**
 * Files a report or a correction. `key` names the act: when no answer came, the same key asked again
 * gives the first answer and stores nothing twice. `revision` is what the filler saw (0 = none yet).
 * `role` acts as a role of the demonstration.
 */
export function reportFile(unit: string, { day, form }: At, body: ReportBody, revision: number, key: string, role?: string): Promise<ReceiptBody> {
  return file(unit, day, body, { form }, { headers: { ...once(revision, key), ...(role ? { [ROLE_HEADER]: role } : {}) } });
}

/** Files for the unit whose link is open on this device: unit and form are the link's. */
export const linkFile = (day: string, body: ReportBody, revision: number, key: string): Promise<ReceiptBody> => linkReport(day, body, { headers: once(revision, key) });

const once = (revision: number, key: string): Record<string, string> => ({ 'idempotency-key': key, ...(revision > 0 ? { 'if-match': `"${revision}"` } : {}) });
