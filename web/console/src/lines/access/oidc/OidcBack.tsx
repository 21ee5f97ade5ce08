// Where a group's login service sends the browser back to: the page hands over what it was sent with, and says what came of it.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { oidcBack, oidcCode } from '@/api/generated';
import type { OidcDone } from '@/api/generated.schemas';
import { Problem } from '@/api/http';
import { become } from '@/api/queries';
import { startOf } from '@/shared/about';
import { Refusal, Waiting } from '@/shared/State';
import { broughtOf, type Brought } from './away';
import '../login.css';
import './oidc.css';

function useDone(): (done: OidcDone) => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async ({ deed, to, session }) => {
    await become(client);
    const page = deed === 'in' && to === '/' ? startOf(session.permissions) : to;
    await navigate(page, { replace: true, state: deed === 'linked' ? { linked: true } : null });
    await client.invalidateQueries();
  };
}

const CODE = /^\d{6}$/;

/** Who has an authenticator says its code, as after a password. */
function Code({ state }: { state: string }) {
  const { t } = useTranslation();
  const done = useDone();
  const [code, setCode] = useState('');
  const digits = code.replace(/\s/g, '');
  const finish = useMutation({ mutationFn: () => oidcCode({ state, code: digits }), onSuccess: done });
  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (CODE.test(digits) && !finish.isPending) finish.mutate();
      }}
    >
      <label>
        {t('oidc.code')}
        <input inputMode="numeric" autoComplete="one-time-code" value={code} onChange={(e) => setCode(e.target.value)} maxLength={12} required data-code />
      </label>
      {finish.isError && <Refusal error={finish.error} />}
      <button type="submit" className="act" disabled={!CODE.test(digits) || finish.isPending} data-finish>
        {t('login.enter')}
      </button>
    </form>
  );
}

function Came({ brought }: { brought: Brought }) {
  const done = useDone();
  const back = useMutation({ mutationFn: () => oidcBack(brought), onSuccess: done });
  const { mutate } = back;
  const asked = useRef(false);
  useEffect(() => {
    // Once: what is brought back opens once.
    if (asked.current) return;
    asked.current = true;
    // Neither the history nor a bookmark keeps what opened something.
    history.replaceState(history.state, '', location.pathname);
    mutate();
  }, [mutate]);
  if (back.error instanceof Problem && back.error.body.code === 'session.code_needed') return <Code state={brought.state} />;
  return back.isError ? <Refusal error={back.error} /> : <Waiting />;
}

export default function OidcBack() {
  const { t } = useTranslation();
  const [brought] = useState(() => broughtOf(location.search));
  return (
    <main className="page login card" data-oidc-back>
      <h1>{t('oidc.back')}</h1>
      {brought ? <Came brought={brought} /> : <p>{t('oidc.nothing')}</p>}
      <p className="login-else">
        <Link to="/login">‹ {t('shell.login')}</Link>
      </p>
    </main>
  );
}
