import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { briefFreeze } from '@/api/generated';
import { briefFile } from '@/api/queries';
import { useMayInWhole } from '@/shared/about';
import { Refusal } from '@/shared/State';
import { BriefCompare } from './BriefCompare';
import { usePrint } from './usePrint';

const FORMATS = ['pdf', 'docx', 'xlsx', 'png'] as const;

/** Files of the brief, the freeze, and the comparison with what the figures say today. */
type Props = {
  day: string;
  frozen: boolean;
  ready: boolean;
  /** The cut-off, while it has not passed; empty while it is not known yet. */
  tooEarly: string | undefined;
  onWrite: () => void;
};

export function BriefTools({ day, frozen, ready, tooEarly, onWrite }: Props) {
  const { t, i18n } = useTranslation();
  const none = useId();
  const may = useMayInWhole('brief.freeze');
  const why = !may ? t('brief.freeze_office') : tooEarly ? t('brief.freeze_early', { time: tooEarly }) : tooEarly;
  const client = useQueryClient();
  const print = usePrint((format: (typeof FORMATS)[number]) => briefFile(day, format, i18n.language));
  const freeze = useMutation({
    mutationFn: () => briefFreeze(day),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <>
      <span className="brief-files" role="group" aria-label={t('brief.files')}>
        {FORMATS.map((f) => (
          <button key={f} type="button" className="plain" disabled={!ready || print.none || print.busy} aria-describedby={print.none ? none : undefined} onClick={() => print.start(f)} data-format={f}>
            {print.printing?.format === f ? t('brief.printing', { format: f.toUpperCase(), s: print.printing.seconds }) : f.toUpperCase()}
          </button>
        ))}
      </span>
      {print.none && (
        <span id={none} className="faint small" data-no-printer>
          {t('paper.none')}
        </span>
      )}
      {frozen ? (
        <>
          <span className="brief-stamp">● {t('brief.frozen')}</span>
          <BriefCompare day={day} />
        </>
      ) : (
        <>
          <button type="button" className="plain" disabled={!ready || !may} onClick={onWrite}>
            {t('brief.write')}
          </button>
          <button type="button" className="plain" disabled={!ready || freeze.isPending || why !== undefined} aria-describedby="freeze-why" onClick={() => freeze.mutate()} data-freeze>
            {freeze.isPending ? t('brief.freezing') : t('brief.freeze')}
          </button>
          <span id="freeze-why" className="faint small" data-freeze-why>
            {ready ? why : ''}
          </span>
        </>
      )}
      {print.waiting && (
        <p className="brief-wait" role="status">
          ◆ {print.waiting.why} {t('brief.again', { format: print.waiting.format.toUpperCase(), s: print.waiting.seconds })}{' '}
          <button type="button" className="plain" onClick={print.stop}>
            {t('brief.stop')}
          </button>
        </p>
      )}
      {print.error !== null && <Refusal error={print.error} />}
      {freeze.isError && <Refusal error={freeze.error} />}
    </>
  );
}
