// Programs that ask in my name: each by a token of its own, over a part of what I may do, until a day.
import dayjs from 'dayjs';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { tokenEnd, tokenIssue } from '@/api/generated';
import type { SessionBody, TokenBody, TokenIssued, TokenWanted } from '@/api/generated.schemas';
import { Problem } from '@/api/http';
import { tokenList } from '@/api/queries';
import { useAbout } from '@/shared/about';
import { useCopy } from '@/shared/copy';
import { Findings } from '@/shared/deed';
import { Choice, Labelled, Text } from '@/shared/fields';
import { Refusal, Show } from '@/shared/State';
import { useWord } from '@/shared/word';
import { Asked } from '../deeds';
import { minute } from '../seats';

/** What no program does; the server refuses it too. */
const NEVER = ['account.set', 'grant.give', 'link.issue'];
const DAYS = [7, 30, 90, 180, 366];

function One({ token }: { token: TokenBody }) {
  const { t } = useTranslation();
  const word = useWord();
  const client = useQueryClient();
  const end = useMutation({ mutationFn: () => tokenEnd(token.id), onSuccess: () => client.invalidateQueries() });
  return (
    <li data-token={token.label}>
      <p>
        <b>{token.label}</b> <span className="num">{t('me.token_until', { when: minute(token.expires_at) })}</span>
        <br />
        {token.scope.map((may) => word('permission', may)).join(t('list.semicolon'))}
        <br />
        <span className="faint small num">
          {t('me.token_issued', { when: minute(token.issued_at) })} · {token.used_at ? t('me.token_used', { when: minute(token.used_at) }) : t('me.token_unused')}
        </span>
      </p>
      <Asked name="token-end" open={t('me.token_end')} label={`${t('me.token_end')} ${token.label}`}>
        {() => (
          <>
            <span>{t('me.token_end_about')}</span>
            {end.isError && <Refusal error={end.error} />}
            <button type="button" className="act" disabled={end.isPending} onClick={() => end.mutate()} data-token-end>
              {t('me.token_end_go', { name: token.label })}
            </button>
          </>
        )}
      </Asked>
    </li>
  );
}

function New({ session, onIssued, close }: { session: SessionBody; onIssued: (token: TokenIssued) => void; close: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const word = useWord();
  const client = useQueryClient();
  const [label, setLabel] = useState('');
  const [scope, setScope] = useState<string[]>([]);
  const [days, setDays] = useState(30);
  const issue = useMutation({
    mutationFn: (wanted: TokenWanted) => tokenIssue(wanted),
    onSuccess: async (issued) => {
      onIssued(issued);
      close();
      await client.invalidateQueries();
    },
  });
  const lacking = label.trim() === '' || scope.length === 0;
  const findings = issue.error instanceof Problem ? (issue.error.body.findings ?? []) : [];
  const end = (n: number) => dayjs(about.today).add(n, 'day').format('YYYY-MM-DD');
  return (
    <form
      className="change-form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (!lacking && !issue.isPending) issue.mutate({ label: label.trim(), scope, days });
      }}
    >
      <Findings value={findings}>
        <Text name="label" label={t('me.token_label')} value={label} onValue={setLabel} hint={t('me.token_label_hint')} maxLength={60} />
        <fieldset className="token-scope" data-field="scope">
          <legend>{t('me.token_scope')}</legend>
          {session.permissions
            .filter((may) => !NEVER.includes(may))
            .map((may) => (
              <label key={may} className="tick-field">
                <input type="checkbox" checked={scope.includes(may)} onChange={(e) => setScope((old) => (e.target.checked ? [...old, may] : old.filter((one) => one !== may)))} data-may={may} />
                {word('permission', may)}
              </label>
            ))}
          <p className="small faint">{t('me.token_scope_hint')}</p>
        </fieldset>
        <Choice name="days" label={t('me.token_days')} value={String(days)} onValue={(v) => setDays(Number(v))} options={DAYS.map((n): [string, string] => [String(n), t('me.token_days_of', { day: end(n), n })])} />
      </Findings>
      {issue.isError && <Refusal error={issue.error} field={(f) => ({ label: t('me.token_label'), scope: t('me.token_scope'), days: t('me.token_days') })[f] ?? f} />}
      <p className="change-go">
        <button type="submit" className="act" disabled={lacking || issue.isPending} data-token-issue>
          {t('me.token_go')}
        </button>
      </p>
    </form>
  );
}

/** What it says, this once. */
function Issued({ token, onKept }: { token: TokenIssued; onKept: () => void }) {
  const { t } = useTranslation();
  const [copied, copy] = useCopy();
  return (
    <section className="token-issued" data-token-issued aria-live="polite">
      <h3>{t('me.token_says', { name: token.label })}</h3>
      <p className="mark-warn">◆ {t('me.token_once')}</p>
      <p className="letter-address num" data-token-says>
        {token.says}
      </p>
      <p className="change-go">
        <button type="button" className="act" onClick={() => copy(token.says)} data-token-copy>
          {t(copied === 'yes' ? 'letter.copied' : copied === 'failed' ? 'letter.copy_failed' : 'me.token_copy')}
        </button>
        <button type="button" className="plain" onClick={onKept} data-token-kept>
          {t('me.token_kept')}
        </button>
      </p>
      <Labelled name="how" label={t('me.token_how')}>
        {(id) => (
          <p id={id} className="num small token-how">
            Authorization: Bearer mst_…
          </p>
        )}
      </Labelled>
    </section>
  );
}

export function Tokens({ session }: { session: SessionBody }) {
  const { t } = useTranslation();
  const tokens = useQuery(tokenList());
  const [issued, setIssued] = useState<TokenIssued | null>(null);
  return (
    <section className="card card-pad" data-tokens>
      <h2>{t('me.tokens')}</h2>
      <p className="faint">{t('me.tokens_sub')}</p>
      <Show query={tokens}>
        {(d) =>
          d.items.length === 0 ? (
            <p className="faint">{t('me.tokens_none')}</p>
          ) : (
            <ul className="grants">
              {d.items.map((token) => (
                <One key={token.id} token={token} />
              ))}
            </ul>
          )
        }
      </Show>
      {issued && <Issued token={issued} onKept={() => setIssued(null)} />}
      {session.permissions.some((may) => !NEVER.includes(may)) && (
        <Asked name="token" open={t('me.token_new')}>
          {(close) => <New session={session} onIssued={setIssued} close={close} />}
        </Asked>
      )}
    </section>
  );
}
