// A report as one sheet of paper, to be signed and sealed.
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { reportPaper, type At } from '@/api/queries';
import { Refusal } from '@/shared/State';
import { usePrint } from './usePrint';
import '@/shared/deed.css';
import './paper.css';

const FORMATS = ['pdf', 'docx'] as const;

/** Whoever holds a link prints by its own door; to check a paper one is logged in. */
export function PaperTools({ unit, at, link }: { unit: string; at: At; link?: boolean }) {
  const { t, i18n } = useTranslation();
  const none = useId();
  const print = usePrint((format: (typeof FORMATS)[number]) => reportPaper(unit, at, format, i18n.language, link));
  return (
    <div className="paper-tools" data-paper>
      <span role="group" aria-label={t('paper.print')}>
        {FORMATS.map((f) => (
          <button key={f} type="button" className="plain" disabled={print.none || print.busy} aria-describedby={print.none ? none : undefined} onClick={() => print.start(f)} data-format={f}>
            {print.printing?.format === f ? t('brief.printing', { format: f.toUpperCase(), s: print.printing.seconds }) : `${t('paper.print')} ${f.toUpperCase()}`}
          </button>
        ))}
      </span>
      {!link && (
        <Link className="change-link" to="/check">
          {t('paper.title')}
        </Link>
      )}
      {print.none && (
        <span id={none} className="faint small" data-no-printer>
          {t('paper.none')}
        </span>
      )}
      {print.waiting && (
        <p role="status">
          ◆ {print.waiting.why} {t('brief.again', { format: print.waiting.format.toUpperCase(), s: print.waiting.seconds })}{' '}
          <button type="button" className="plain" onClick={print.stop}>
            {t('brief.stop')}
          </button>
        </p>
      )}
      {print.error !== null && <Refusal error={print.error} />}
    </div>
  );
}
