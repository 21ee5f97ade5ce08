// From the demonstration to an operation of one's own: the one that was begun earlier, or another beside it.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { demoOwn, demoOwnList } from '@/api/generated';
import { timeOf } from '@/shared/clock';
import { besideDemo } from '@/shared/demo';
import { useDayText } from '@/shared/format';
import { Refusal, Show } from '@/shared/State';
import { KeptAt } from './KeptAt';

/** Another database, another address, no simulated figure in it. Nothing is ever begun over what there is. */
export function LeaveDemo() {
  const { t, i18n } = useTranslation();
  const dayText = useDayText();
  const own = useMutation({
    mutationFn: (name?: string) => demoOwn({ name }),
    onSuccess: ({ url }, name) => window.location.assign(besideDemo(url, i18n.language, name !== undefined)),
  });
  const list = useQuery({ queryKey: ['demo-own', i18n.language], queryFn: ({ signal }) => demoOwnList({ signal }), staleTime: 0 });
  return (
    <main className="page page-narrow">
      <h1>{t('start.title')}</h1>
      <p>{t('begin.beside')}</p>
      <Show query={list}>
        {({ items, next }) => (
          <>
            {items.map(({ kept, office, since }) => (
              <section key={kept.name} className="card card-pad begin-own" data-own-there={kept.name}>
                <h2>{office}</h2>
                <p className="faint">{t('begin.since', { when: `${dayText(since.slice(0, 10))} ${timeOf(since)}` })}</p>
                <button type="button" className="act" onClick={() => own.mutate(kept.name)} disabled={own.isPending} data-go-on>
                  {t('begin.go_on')}
                </button>
                <KeptAt kept={kept} />
              </section>
            ))}
            {next && (
              <section className="card card-pad begin-own">
                {items.length > 0 && <h2>{t('begin.another')}</h2>}
                <button type="button" className={items.length > 0 ? 'plain' : 'act'} onClick={() => own.mutate(undefined)} disabled={own.isPending} data-own>
                  {t('begin.open')}
                </button>
                <KeptAt kept={next} next />
              </section>
            )}
          </>
        )}
      </Show>
      {own.isError && <Refusal error={own.error} />}
    </main>
  );
}
