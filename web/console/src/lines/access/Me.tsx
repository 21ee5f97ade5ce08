// My own account: what I may do, where I am logged in, my password, and what was done with it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { passwordChange, sessionClose, sessionEnd } from '@/api/generated';
import type { OpenSession, SessionBody } from '@/api/generated.schemas';
import { sessionHistory, sessionList } from '@/api/queries';
import { useAbout, useSession } from '@/shared/about';
import { Refusal, Show } from '@/shared/State';
import { agentWords } from './agent';
import { Entries } from './Entries';
import { Kept } from './me/Kept';
import { Tokens } from './me/Tokens';
import { Totp } from './me/Totp';
import { OidcMine } from './oidc/OidcMine';
import { faultOf, NOT_CHOSEN, PasswordTwice } from './PasswordTwice';
import { minute, Seat } from './seats';
import '@/shared/deed.css';
import './people.css';
import './login.css';

function Where({ s }: { s: OpenSession }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const end = useMutation({ mutationFn: () => sessionEnd(s.id), onSuccess: () => client.invalidateQueries() });
  const { browser, system } = agentWords(s.agent);
  const name = [browser, system].filter(Boolean).join(' · ') || s.agent.slice(0, 80) || t('me.unknown_browser');
  return (
    <li data-session={s.this ? 'this' : 'other'}>
      <p>
        <b>{name}</b>
        {s.this && <span className="mark-good"> ● {t('me.here')}</span>}
        <br />
        <span className="faint small num">
          {t('me.opened', { when: minute(s.opened_at) })} · {t('me.expires', { when: minute(s.expires_at) })}
        </span>
      </p>
      {!s.this && (
        <button type="button" className="plain" disabled={end.isPending} onClick={() => end.mutate()} aria-label={`${t('me.end')} ${name}`} data-end-session>
          {t('me.end')}
        </button>
      )}
      {end.isError && <Refusal error={end.error} />}
    </li>
  );
}

function Password({ name }: { name: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [old, setOld] = useState('');
  const [next, setNext] = useState(NOT_CHOSEN);
  const [done, setDone] = useState(false);
  const change = useMutation({
    mutationFn: () => passwordChange({ old, new: next.first }),
    onSuccess: async () => {
      setOld('');
      setNext(NOT_CHOSEN);
      setDone(true);
      await client.invalidateQueries();
    },
  });
  return (
    <section className="card card-pad">
      <h2>{t('me.password')}</h2>
      {done && (
        <p className="done" role="status" data-done>
          ● {t('me.password_done')}
        </p>
      )}
      <form
        className="login-form"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          setDone(false);
          if (old !== '' && faultOf(next) === null && !change.isPending) change.mutate();
        }}
      >
        <label>
          {t('me.password_old')}
          <input type="password" autoComplete="current-password" value={old} onChange={(e) => setOld(e.target.value)} required maxLength={256} data-password="old" />
        </label>
        <PasswordTwice value={next} onValue={setNext} user={name} />
        {change.isError && <Refusal error={change.error} />}
        <button type="submit" className="act" disabled={old === '' || faultOf(next) !== null || change.isPending} data-change-password>
          {t('me.password_go')}
        </button>
      </form>
    </section>
  );
}

function Mine({ session }: { session: SessionBody }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const client = useQueryClient();
  const sessions = useQuery(sessionList());
  const history = useQuery(sessionHistory());
  const leave = useMutation({ mutationFn: () => sessionClose(), onSuccess: () => client.invalidateQueries() });
  const real = about.login === 'local';
  return (
    <>
      <section className="card card-pad">
        <h1>{session.name}</h1>
        <p className="faint">{session.unit_name || t('people.no_unit')}</p>
        {real && (
          <p className="change-go">
            <button type="button" className="plain" disabled={leave.isPending} onClick={() => leave.mutate()} data-leave>
              {t('login.leave')}
            </button>
          </p>
        )}
        {leave.isError && <Refusal error={leave.error} />}
      </section>
      <section className="card card-pad" data-my-roles>
        <h2>{t('me.roles')}</h2>
        {session.seats.length === 0 ? (
          <p>{t('me.no_roles')}</p>
        ) : (
          <p className="seats">
            {session.seats.map((seat) => (
              <Seat key={`${seat.role} ${seat.unit_code}`} seat={seat} />
            ))}
          </p>
        )}
        <p>
          <Link className="change-link" to="/roles">
            {t('people.what')}
          </Link>
        </p>
      </section>
      {real ? (
        <>
          <section className="card card-pad">
            <h2>{t('me.sessions')}</h2>
            <p className="faint">{t('me.sessions_sub')}</p>
            <Show query={sessions}>
              {(d) => (
                <ul className="grants">
                  {d.items.map((s) => (
                    <Where key={s.id} s={s} />
                  ))}
                </ul>
              )}
            </Show>
          </section>
          <Password name={session.name} />
          <Totp />
          <Tokens session={session} />
          <OidcMine />
        </>
      ) : (
        <p className="card card-pad faint">{t('me.demo')}</p>
      )}
      <Kept />
      <section className="card">
        <h2 className="card-pad">{t('me.history')}</h2>
        <Show query={history}>{(d) => <Entries entries={d.items} />}</Show>
      </section>
    </>
  );
}

export default function Me() {
  const session = useSession();
  return <main className="page page-narrow person">{session && <Mine session={session} />}</main>;
}
