// What the office writes beside the figures: 工作动态, 存在问题, 下步打算. It can be written until the day is frozen; the
// figures cannot be written at all.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BriefDoc, Narrative } from '@/api/generated.schemas';
import { Problem } from '@/api/http';
import { narrativeRead, narrativeSet, type NarrativeAt } from '@/api/queries';
import { useAbout, useMayInWhole } from '@/shared/about';
import { Refusal, Show } from '@/shared/State';

const PARTS = ['progress', 'problems', 'next'] as const;
type Part = (typeof PARTS)[number];
type Draft = Record<Part, string>;

const draftOf = (n: Narrative): Draft => ({
  progress: (n.progress ?? []).join('\n'),
  problems: (n.problems ?? []).join('\n'),
  next: (n.next ?? []).join('\n'),
});
/** A paragraph a line; empty lines are only air. */
const paragraphs = (text: string) => text.split('\n').filter((line) => line.trim() !== '');

function Editor({ day, form, from, onDone }: { day: string; form: string; from: NarrativeAt; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(from.narrative));
  const [etag, setEtag] = useState(from.etag);
  // Who asked to write begins to write, also without a mouse.
  const first = useRef<HTMLTextAreaElement>(null);
  useEffect(() => first.current?.focus(), []);
  const save = useMutation({
    mutationFn: () => narrativeSet(day, form, { progress: paragraphs(draft.progress), problems: paragraphs(draft.problems), next: paragraphs(draft.next) }, etag),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['live', 'brief', day] });
      client.removeQueries({ queryKey: narrativeRead(day, form).queryKey });
      onDone();
    },
  });
  const stale = save.error instanceof Problem && save.error.status === 412;
  // Both texts stay: theirs below one's own, for a person to put together.
  const merge = async () => {
    const theirs = await client.fetchQuery({ ...narrativeRead(day, form), staleTime: 0 });
    const other = draftOf(theirs.narrative);
    setDraft((own) => Object.fromEntries(PARTS.map((p) => [p, own[p] === other[p] ? own[p] : [own[p], other[p]].filter(Boolean).join('\n')])) as Draft);
    setEtag(theirs.etag);
    save.reset();
  };
  const name = (field: string) => field.replace(/^(\w+)\[(\d+)\]$/, (_, part: string, n: string) => t('brief.paragraph', { part: t(`brief.${part}`), n: Number(n) + 1 }));
  return (
    <form
      className="brief-narrate"
      onSubmit={(e) => {
        e.preventDefault();
        save.mutate();
      }}
    >
      <p className="faint">{t('brief.write_hint')}</p>
      {PARTS.map((part) => (
        <label key={part}>
          <span>{t(`brief.${part}`)}</span>
          <textarea ref={part === 'progress' ? first : undefined} rows={4} value={draft[part]} onChange={(e) => setDraft({ ...draft, [part]: e.target.value })} data-narrative={part} />
        </label>
      ))}
      {save.isError && <Refusal error={save.error} field={name} />}
      <span className="brief-actions">
        {stale ? (
          <button type="button" className="act" onClick={() => void merge()}>
            {t('brief.merge')}
          </button>
        ) : (
          <button type="submit" className="act" disabled={save.isPending} data-narrative-save>
            {save.isPending ? t('brief.saving') : t('brief.save')}
          </button>
        )}
        <button type="button" className="plain" onClick={onDone}>
          {t('brief.cancel')}
        </button>
      </span>
    </form>
  );
}

function Shown({ doc }: { doc: BriefDoc }) {
  const { t } = useTranslation();
  return (
    <>
      {PARTS.map((part) => {
        const lines = doc.narrative?.[part] ?? [];
        return (
          <section key={part} data-part={part}>
            <h2>{t(`brief.${part}`)}</h2>
            {lines.length === 0 ? <p className="faint">{t('brief.unwritten')}</p> : lines.map((s, i) => <p key={`${i}${s}`}>{s}</p>)}
          </section>
        );
      })}
    </>
  );
}

export function BriefNarrative({ doc, writing, onWriting }: { doc: BriefDoc; writing: boolean; onWriting: (now: boolean) => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const may = useMayInWhole('brief.freeze');
  const query = useQuery({ ...narrativeRead(doc.day, about.form), enabled: writing });
  return (
    <div id="narrative">
      {writing && !doc.frozen ? (
        <Show query={query}>{(from) => <Editor day={doc.day} form={about.form} from={from} onDone={() => onWriting(false)} />}</Show>
      ) : (
        <>
          <Shown doc={doc} />
          {doc.frozen ? (
            <p className="faint small brief-note">{t('brief.narrative_frozen')}</p>
          ) : (
            <p className="brief-note">
              <button type="button" className="plain" disabled={!may} onClick={() => onWriting(true)} data-narrative-open>
                {t('brief.write')}
              </button>{' '}
              {!may && <span className="faint">{t('brief.write_office')}</span>}
            </p>
          )}
        </>
      )}
    </div>
  );
}
