// A task as it is told in a list and on its own page: what, by whom, until when, how it stands.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Task, TaskLight } from '@/api/generated.schemas';
import { timeOf } from '@/shared/clock';
import { Mark, type Tone } from '@/shared/Mark';
import { useActor } from '@/shared/word';
import './tasks.css';

const TONE: Record<TaskLight, Tone> = { red: 'bad', amber: 'warn', green: 'good', off: 'quiet' };

/** An instant of the office's clocks, to the minute. */
export const minute = (at: string): string => `${at.slice(0, 10)} ${timeOf(at)}`;

/** How a task stands against its date. */
export function LightMark({ task }: { task: Task }) {
  const { t } = useTranslation();
  return <Mark tone={TONE[task.light]}>{t(`tasks.light.${task.light}`)}</Mark>;
}

/** Who answers for it: exactly one. */
export function Owner({ task }: { task: Task }) {
  const { t } = useTranslation();
  const actor = useActor();
  const { post, person, raised } = task.owner;
  return (
    <span data-owner={person ?? 'unit'}>
      {t('tasks.owner')} {post ? post.name : t('tasks.office', { unit: task.unit.name })} {person && <span className="faint">{actor(person)}</span>} {raised && <span className="mark-warn">◆ {t('tasks.raised')}</span>}
    </span>
  );
}

export function TaskFacts({ task }: { task: Task }) {
  const { t } = useTranslation();
  return (
    <p className="task-facts small">
      <span>
        {t('tasks.due')} <b className="num">{minute(task.due)}</b>
      </span>
      <Owner task={task} />
      <span>
        {t('tasks.set_at')} {task.set_at.name}
      </span>
      {task.parts.all > 0 && <span>{t('tasks.parts_of', { open: task.parts.open, all: task.parts.all })}</span>}
    </p>
  );
}

/** A task in a list: opens its page. */
export function TaskRow({ task, why }: { task: Task; why?: string }) {
  const { t } = useTranslation();
  return (
    <li className="card card-pad" data-task={task.number} data-state={task.state}>
      <header>
        <LightMark task={task} />
        <Link className="change-link" to={`/tasks/${task.id}`}>
          {task.number} {task.unit.name}
        </Link>
        <span>{t(`tasks.state.${task.state}`)}</span>
        {why && <b>{t(`tasks.why.${why}`)}</b>}
      </header>
      <p className="task-words">{task.text}</p>
      <TaskFacts task={task} />
    </li>
  );
}
