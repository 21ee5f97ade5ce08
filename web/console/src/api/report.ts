// Filing a report: the one write that must never happen twice and never be lost in silence.
import { ROLE_HEADER, send } from './http';
import type { At } from './queries';
import type { Receipt, ReportBody } from './types';

/**
 * Files a report or a correction. `key` names the act: when no answer came, the same key asked again
 * gives the first answer and stores nothing twice. `role` acts as a role of the demonstration. `revision` is what the filler saw (0 = none yet).
 */
export async function reportFile(unit: string, at: At, body: ReportBody, revision: number, key: string, role?: string): Promise<Receipt> {
  const response = await send(`/reports/${encodeURIComponent(unit)}/${at.day}`, {
    method: 'PUT',
    query: { form: at.form },
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(role ? { [ROLE_HEADER]: role } : {}),
      ...(revision > 0 ? { 'if-match': `"${revision}"` } : {}),
    },
  });
  return response.json() as Promise<Receipt>;
}
