import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { briefFreeze } from '@/api/generated';
import { briefCompare } from '@/api/queries';
import { useAbout, useSession } from '@/shared/about';
import { said } from '@/shared/format';
import { Refusal } from '@/shared/State';
import { useActor, useWord } from '@/shared/word';
import { FORMATS, usePrint } from './usePrint';

function Compare({ day }: { day: string }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const word = useWord();
  const actor = useActor();
  const query = useQuery(briefCompare(day, about.form));
  return (
    <>
      <button type="button" className="plain" onClick={() => void query.refetch()} disabled={query.isFetching} data-compare>
        {t('brief.compare')}
      </button>
      {query.isError && <Refusal error={query.error} />}
      {query.data && (
        <div className="card card-pad brief-compare" role="status">
          {query.data.differences.length === 0 ? (
            <p className="mark-good">● {t('brief.same')}</p>
          ) : (
            <>
              <p className="mark-warn">◆ {t('brief.differs', { count: query.data.differences.length })}</p>
              {!query.data.intact && <p className="mark-bad">▲ {t('brief.not_intact')}</p>}
              <ul className="brief-list num">
                {query.data.differences.map((d) => (
                  <li key={d.part + d.name + (d.unit ?? '')}>
                    {d.unit} {d.name}: {said(d.frozen)} → {said(d.now)}
                  </li>
                ))}
              </ul>
            </>
          )}
          {query.data.tree.length > 0 && (
            <>
              <p className="mark-warn">◆ {t('brief.tree_since')}</p>
              <ul className="brief-list num" data-tree-since>
                {query.data.tree.map((c) => (
                  <li key={c.at + c.action + (c.unit ?? '')}>
                    {t('brief.tree_from', { day: c.since })} {word('action', c.action)} {c.name ?? ''} {c.unit ?? ''}
                    {c.to ? ` → ${c.to}` : ''}{' '}
                    <span className="faint">
                      {c.at.slice(0, 16).replace('T', ' ')} {actor(c.actor)}
                    </span>
                  </li>
                ))}
                {query.data.tree_more && <li>…</li>}
              </ul>
            </>
          )}
        </div>
      )}
    </>
  );
}

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
  const may = useSession()?.role === 'office';
  const why = !may ? t('brief.freeze_office') : tooEarly ? t('brief.freeze_early', { time: tooEarly }) : tooEarly;
  const client = useQueryClient();
  const print = usePrint(day, i18n.language);
  const freeze = useMutation({
    mutationFn: () => briefFreeze(day),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <>
      <span className="brief-files" role="group" aria-label={t('brief.files')}>
        {FORMATS.map((f) => (
          <button key={f} type="button" className="plain" disabled={!ready || print.busy} onClick={() => print.start(f)} data-format={f}>
            {print.printing?.format === f ? t('brief.printing', { format: f.toUpperCase(), s: print.printing.seconds }) : f.toUpperCase()}
          </button>
        ))}
      </span>
      {frozen ? (
        <>
          <span className="brief-stamp">● {t('brief.frozen')}</span>
          <Compare day={day} />
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
