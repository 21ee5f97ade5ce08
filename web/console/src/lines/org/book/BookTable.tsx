import { useTranslation } from 'react-i18next';
import type { BookLook, FindingBody } from '@/api/generated.schemas';

const ORDER = ['note', 'warn', 'refuse'];

/** The worst finding of each cell. */
function atCells(findings: readonly FindingBody[]): Map<string, FindingBody> {
  const at = new Map<string, FindingBody>();
  for (const f of findings) {
    const before = f.cell && at.get(f.cell);
    if (f.cell && (!before || ORDER.indexOf(f.severity) > ORDER.indexOf(before.severity))) at.set(f.cell, f);
  }
  return at;
}

/** The word for what a column is. */
export function useRole(): (role: string) => string {
  const { t } = useTranslation();
  return (role) => (role.startsWith('level') ? t('book.level', { n: role.slice(5) }) : t(`book.role_${role}`));
}

type Props = { look: BookLook; onHeader: (row: number) => void; onRole: (column: string, role: string) => void };

/** The lines as they were read, with what each column is taken for above it. */
export function BookTable({ look, onHeader, onRole }: Props) {
  const { t } = useTranslation();
  const role = useRole();
  const findings = atCells(look.findings);
  return (
    <div className="scroll-x card book-scroll" role="region" aria-label={t('book.lines')}>
      <table className="sheet-table book-table" data-lines>
        <thead>
          <tr>
            <th scope="col">{t('book.header')}</th>
            {look.columns.map((c) => (
              <th key={c.column} scope="col" className={c.role === 'skip' ? 'book-skip' : undefined} data-column={c.column}>
                <select value={c.role} aria-label={t('book.column_is', { column: c.column })} onChange={(e) => onRole(c.column, e.target.value)}>
                  {look.roles.map((r) => (
                    <option key={r} value={r}>
                      {role(r)}
                    </option>
                  ))}
                </select>
                <span className="small book-why">{c.role === 'person' ? t('book.names_stay') : c.why}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {look.shown.map((row) => {
            const cells = new Map(row.cells.map((c) => [c.column, c]));
            const state = row.row === look.header ? 'head' : row.row < look.header || (look.last != null && row.row > look.last) ? 'out' : 'data';
            return (
              <tr key={row.row} className={`book-${state}`} data-line={row.row}>
                <th scope="row">
                  <button type="button" className="plain book-line" aria-pressed={row.row === look.header} aria-label={t('book.header_is', { n: row.row })} onClick={() => onHeader(row.row === look.header ? 0 : row.row)}>
                    {row.row}
                  </button>
                </th>
                {look.columns.map((c) => {
                  const cell = cells.get(c.column);
                  const finding = findings.get(`${c.column}${row.row}`);
                  const tone = finding ? ` book-at-${finding.severity}` : '';
                  return (
                    <td key={c.column} className={(cell?.merged ? 'book-merged' : '') + (c.role === 'skip' ? ' book-skip' : '') + tone} title={finding?.message} data-finding={finding?.code}>
                      {cell && <span style={cell.indent ? { paddingInlineStart: `${Math.min(cell.indent, 24) * 0.5}em` } : undefined}>{cell.text}</span>}
                      {finding && <span className="visually-hidden">{finding.message}</span>}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
