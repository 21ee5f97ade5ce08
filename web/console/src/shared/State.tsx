// What a page shows while it waits, when there is nothing, and when it was refused.
import type { UseQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/http';

export function Waiting() {
  const { t } = useTranslation();
  return (
    <p className="state" role="status">
      {t('state.waiting')}
    </p>
  );
}

export function Nothing({ children }: { children: React.ReactNode }) {
  return <p className="state">{children}</p>;
}

/** A refusal in the reader's words, each finding at its field, and a way to go on. */
export function Refusal({ error, retry, field = (f) => f }: { error: unknown; retry?: () => void; field?: (name: string) => string }) {
  const { t } = useTranslation();
  const problem = error instanceof Problem ? error : null;
  const title = problem?.unanswered ? t('state.unanswered') : (problem?.body.title ?? String(error));
  return (
    <div className="refusal" role="alert">
      <p>
        <span aria-hidden="true">▲</span> {title}
      </p>
      {problem?.body.findings
        ?.filter((f) => f.message !== title)
        .map((f) => (
          <p key={`${f.cell ?? f.field ?? ''}${f.code}${f.message}`}>
            {f.cell || f.field ? `${f.cell ?? field(f.field ?? '')}: ` : ''}
            {f.message}
          </p>
        ))}
      {retry && (
        <button type="button" className="plain" onClick={retry}>
          {t('state.retry')}
        </button>
      )}
    </div>
  );
}

/** A query as a page: waiting, refused, or its data. */
export function Show<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => React.ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  return query.isError ? <Refusal error={query.error} retry={() => void query.refetch()} /> : <Waiting />;
}
