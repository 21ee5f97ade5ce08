// What waits for the reader, and what is open below them, the nearest date first.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { taskList, waitingList } from '@/api/queries';
import { useMay } from '@/shared/about';
import { useAddress } from '@/shared/address';
import { Nothing, Refusal, Waiting } from '@/shared/State';
import { TaskRow } from './told';

function More({ query }: { query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <button type="button" className="plain" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      {t('tasks.more')}
    </button>
  );
}

function Mine() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(waitingList());
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <>
      {query.isError && <Refusal error={query.error} retry={() => void query.refetch()} />}
      {!items && !query.isError && <Waiting />}
      {items?.length === 0 && <Nothing>{t('tasks.none_waits')}</Nothing>}
      <ul className="task-list" data-waiting={items?.length}>
        {items?.map(({ why, task }) => (
          <TaskRow key={task.id} task={task} why={why} />
        ))}
      </ul>
      <More query={query} />
    </>
  );
}

function Open() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(taskList());
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <>
      {query.isError && <Refusal error={query.error} retry={() => void query.refetch()} />}
      {!items && !query.isError && <Waiting />}
      {items?.length === 0 && <Nothing>{t('tasks.none_open')}</Nothing>}
      <ul className="task-list">
        {items?.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </ul>
      <More query={query} />
    </>
  );
}

export default function Tasks() {
  const { t } = useTranslation();
  const [params, change] = useAddress();
  const shows = params.get('show') === 'open' ? 'open' : 'mine';
  const hands = useMay('task.assign');
  return (
    <main className="page">
      <h1>{t('nav.tasks')}</h1>
      <p className="faint">{t('tasks.sub')}</p>
      <p className="task-tabs">
        {(['mine', 'open'] as const).map((tab) => (
          <button key={tab} type="button" className={tab === shows ? 'act' : 'plain'} aria-pressed={tab === shows} onClick={() => change({ show: tab === 'mine' ? null : tab })}>
            {t(`tasks.tab.${tab}`)}
          </button>
        ))}
        {hands && (
          <Link className="change-link" to="/measures">
            {t('tasks.measures')}
          </Link>
        )}
      </p>
      {shows === 'mine' ? <Mine /> : <Open />}
    </main>
  );
}
