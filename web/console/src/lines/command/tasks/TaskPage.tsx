// One task: how it stands, what can be done with it, its parts, and everything that was done.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { TaskStep } from '@/api/generated.schemas';
import { taskParts, taskRead, taskSteps } from '@/api/queries';
import { Refusal, Waiting } from '@/shared/State';
import { useActor } from '@/shared/word';
import { Acts } from './act';
import { LightMark, minute, TaskFacts, TaskRow } from './told';

function Step({ step }: { step: TaskStep }) {
  const { t } = useTranslation();
  const actor = useActor();
  return (
    <li className="task-step" data-step={step.action}>
      <b>{t(`tasks.did.${step.action}`)}</b>{' '}
      <span className="faint">
        {minute(step.at)} · {actor(step.by)} · {t('tasks.entry')} <span className="num">{step.entry}</span>
      </span>
      {step.due && (
        <>
          <br />
          {t('tasks.due')} <span className="num">{minute(step.due)}</span>
        </>
      )}
      {step.text && (
        <>
          <br />
          {step.text}
        </>
      )}
      {step.evidence.length > 0 && (
        <>
          <br />
          <span className="faint">{t('tasks.evidence')}</span> <span className="num">{step.evidence.join('  ')}</span>
        </>
      )}
    </li>
  );
}

export default function TaskPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useQuery(taskRead(id));
  const steps = useInfiniteQuery(taskSteps(id));
  const task = query.data;
  const parts = useQuery({ ...taskParts(id), enabled: (task?.parts.all ?? 0) > 0 });
  if (query.isError)
    return (
      <main className="page">
        <Refusal error={query.error} retry={() => void query.refetch()} />
      </main>
    );
  if (!task) return <Waiting />;
  return (
    <main className="page" data-task={task.number} data-state={task.state}>
      <h1>
        {task.number} {task.unit.name}
      </h1>
      <p className="task-facts">
        <LightMark task={task} />
        <b>{t(`tasks.state.${task.state}`)}</b>
        {task.parent && (
          <Link className="change-link" to={`/tasks/${task.parent}`}>
            {t('tasks.part_of')}
          </Link>
        )}
      </p>
      <p className="task-words card card-pad">{task.text}</p>
      <TaskFacts task={task} />
      <Acts key={`${task.id} ${task.steps}`} task={task} />
      {parts.data && (
        <>
          <h2>{t('tasks.parts')}</h2>
          <ul className="task-list">
            {parts.data.items.map((part) => (
              <TaskRow key={part.id} task={part} />
            ))}
          </ul>
        </>
      )}
      <h2>{t('tasks.steps')}</h2>
      {steps.isError && <Refusal error={steps.error} retry={() => void steps.refetch()} />}
      <ol className="task-list" reversed>
        {steps.data?.pages.flatMap((page) => page.items).map((step) => <Step key={step.n} step={step} />)}
      </ol>
      {steps.hasNextPage && (
        <button type="button" className="plain" disabled={steps.isFetchingNextPage} onClick={() => void steps.fetchNextPage()}>
          {t('tasks.more')}
        </button>
      )}
    </main>
  );
}
