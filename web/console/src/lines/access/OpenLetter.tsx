// A letter is opened: its person chooses a password that nobody else knows, and is in.
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { letterOpen } from '@/api/generated';
import { useAbout, useSession } from '@/shared/about';
import { Refusal } from '@/shared/State';
import { useEntered } from './entered';
import { faultOf, NOT_CHOSEN, PasswordTwice } from './PasswordTwice';
import './login.css';

/** What stands behind the # of the address, which is not left there for whoever looks over a shoulder or into the history. */
function taken(): string {
  const token = location.hash.slice(1);
  if (token !== '') history.replaceState(history.state, '', location.pathname);
  return token;
}

export default function OpenLetter() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const session = useSession();
  const entered = useEntered();
  const [token, setToken] = useState(taken);
  const [password, setPassword] = useState(NOT_CHOSEN);
  // Another letter opened where this one is open: the browser changes the part behind the # only.
  useEffect(() => {
    const next = () => setToken((old) => taken() || old);
    addEventListener('hashchange', next);
    return () => removeEventListener('hashchange', next);
  }, []);
  const open = useMutation({ mutationFn: () => letterOpen({ token, password: password.first }), onSuccess: entered });
  return (
    <main className="page login card" data-open-letter>
      <h1>{t('enter.title')}</h1>
      {token === '' ? (
        <>
          <p>{t('enter.none')}</p>
          <p className="login-else">
            <Link to="/login">{t('shell.login')}</Link>
          </p>
        </>
      ) : (
        <>
          <p>{t('enter.about')}</p>
          {about.login === 'local' && session && !open.isPending && <p className="mark-warn login-other">◆ {t('enter.other', { name: session.name })}</p>}
          <form
            noValidate
            onSubmit={(e) => {
              e.preventDefault();
              if (faultOf(password) === null && !open.isPending) open.mutate();
            }}
          >
            <PasswordTwice value={password} onValue={setPassword} />
            {open.isError && <Refusal error={open.error} />}
            <button type="submit" className="act" disabled={faultOf(password) !== null || open.isPending} data-open>
              {t('enter.go')}
            </button>
          </form>
        </>
      )}
    </main>
  );
}
