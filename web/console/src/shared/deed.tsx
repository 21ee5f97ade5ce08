// A change on its way: looked at first, then done. What is looked at is exactly what is done, from the state that was seen. The
// server does it to the last step and takes it back, so that what is wrong is told at the first look.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createContext, use, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { FindingBody } from '@/api/generated.schemas';
import { Problem, request, requestId } from '@/api/http';
import { Refusal } from './State';
import './deed.css';

/** What is asked of which door. `tag` is the state that was seen; none where there is no state to compare. */
export type Deed = {
  method: 'POST' | 'PATCH' | 'PUT';
  url: (dryRun: boolean) => string;
  body: object;
  tag: string | null;
};

/** What was found wrong with the last look or deed, for the fields that it is about. */
export const Findings = createContext<FindingBody[]>([]);

export const useFindings = (name: string): FindingBody[] => use(Findings).filter((f) => f.field === name);

/** What would be taken in, and is worth a look. */
export function Noted({ findings = [] }: { findings?: FindingBody[] | undefined }) {
  return findings.map((f) => (
    <p key={`${f.code} ${f.field ?? ''}`} className="mark-warn" data-noted={f.code}>
      ◆ {f.message}
    </p>
  ));
}

function ask<T>(deed: Deed, dryRun: boolean, key?: string): Promise<T> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (deed.tag) headers['if-match'] = deed.tag;
  if (key) headers['idempotency-key'] = key;
  return request<T>(deed.url(dryRun), { method: deed.method, body: JSON.stringify(deed.body), headers });
}

type Props<P> = {
  /** Nothing to do yet: null. */
  deed: Deed | null;
  /** What changes in the words of this form, beside what the server foresees. */
  says?: string[];
  /** Shows what the server foresees, among what the form says. */
  foreseen: (preview: P, says: React.ReactNode) => React.ReactNode;
  /** Where one is after it. */
  after: string;
  /** The reader's word for a field of the server's. */
  label: (field: string) => string;
  /** Reads the state anew after somebody else changed it; until it is there nothing is looked at. */
  anew: () => void | Promise<unknown>;
  children: React.ReactNode;
};

/** A form that is looked at before it is done. Whatever is touched after a look takes the look away. */
export function DeedForm<P>({ deed, says = [], foreseen, after, label, anew, children }: Props<P>) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [seen, setSeen] = useState<{ words: string; deed: Deed; preview: P } | null>(null);
  const [renewing, setRenewing] = useState(false);
  // The same words under the same id: a line that broke is tried again without doing it twice.
  const key = useRef({ words: '', id: '' });
  const words = JSON.stringify(deed?.body ?? null);
  const onError = (e: Error) => {
    if (!(e instanceof Problem && e.status === 412)) return;
    setSeen(null);
    setRenewing(true);
    void Promise.resolve(anew()).finally(() => setRenewing(false));
  };
  const look = useMutation({
    mutationFn: (d: Deed) => ask<P>(d, true),
    onSuccess: (preview, d) => setSeen({ words: JSON.stringify(d.body), deed: d, preview }),
    onError,
  });
  const act = useMutation({
    mutationFn: (d: Deed) => {
      const now = JSON.stringify([d.body, d.tag]);
      if (key.current.words !== now) key.current = { words: now, id: requestId() };
      return ask<unknown>(d, false, key.current.id);
    },
    onSuccess: async () => {
      // Away first: what this page is about may be closed by now, and cannot be asked for.
      await navigate(after, { state: { done: true } });
      await client.invalidateQueries();
    },
    onError,
  });
  const lines = says.map((line) => <li key={line}>{line}</li>);
  const fresh = seen !== null && seen.words === words;
  const error = act.error ?? look.error;
  const stale = error instanceof Problem && error.status === 412;
  const findings = error instanceof Problem ? (error.body.findings ?? []) : [];
  return (
    <form
      className="card card-pad change-form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (!deed) return;
        act.reset();
        look.mutate(deed);
      }}
    >
      <Findings value={findings}>{children}</Findings>
      {stale ? (
        <p className="change-stale" role="alert" data-stale>
          ◆ {t('change.stale')}
        </p>
      ) : (
        error && <Refusal error={error} field={label} />
      )}
      {!fresh && (
        <p className="change-go">
          <button type="submit" className="act" disabled={deed === null || renewing || look.isPending} data-look>
            {look.isPending ? t('change.looking') : t('change.look')}
          </button>
          {deed === null && <span className="faint">{t('change.nothing')}</span>}
        </p>
      )}
      {fresh && (
        <section className="change-preview" data-preview aria-live="polite">
          <h2>{t('change.preview')}</h2>
          {foreseen(seen.preview, lines)}
          <p className="change-go">
            <button type="button" className="act" disabled={act.isPending} onClick={() => act.mutate(seen.deed)} data-do>
              {act.isPending ? t('change.doing') : t('change.confirm')}
            </button>
            <span className="faint">{t('change.sure')}</span>
          </p>
        </section>
      )}
    </form>
  );
}

