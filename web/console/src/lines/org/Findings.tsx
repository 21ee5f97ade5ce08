import { useTranslation } from 'react-i18next';
import type { FindingBody } from '@/api/generated.schemas';
import { Mark, type Tone } from '@/shared/Mark';
import { useWord } from '@/shared/word';

const TONES: Record<string, Tone> = { refuse: 'bad', warn: 'warn', note: 'quiet' };

/** What was found in a file, each at its cell. */
export function Findings({ report }: { report: { findings: FindingBody[]; findings_more: number } }) {
  const { t } = useTranslation();
  const word = useWord();
  if (report.findings.length === 0) return <p className="card-pad mark-good">● {t('start.no_findings')}</p>;
  return (
    <div className="scroll-x">
      {report.findings_more > 0 && <p className="card-pad mark-warn">◆ {t('start.more', { count: report.findings_more })}</p>}
      <table className="sheet-table">
        <thead>
          <tr>
            <th>{t('start.cell')}</th>
            <th>{t('start.column')}</th>
            <th>{t('start.what')}</th>
            <th>{t('start.finding')}</th>
          </tr>
        </thead>
        <tbody>
          {report.findings.map((f) => (
            <tr key={`${f.cell}${f.row}${f.code}${f.message}`}>
              <td className="num">{f.cell ?? f.row ?? '—'}</td>
              <td>{f.column ?? f.field}</td>
              <td>
                <Mark tone={TONES[f.severity] ?? 'quiet'}>{word('severity', f.severity)}</Mark>
              </td>
              <td>{f.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
