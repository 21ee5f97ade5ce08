// Who forgot the password: six digits to say to an administrator, and a new password in this browser once they let them in.
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { resetAsk, resetFinish } from '@/api/generated';
import type { ResetBody } from '@/api/generated.schemas';
import { Problem } from '@/api/http';
import { useAbout } from '@/shared/about';
import { clockText, useNow } from '@/shared/clock';
import { Refusal } from '@/shared/State';
import { useEntered } from './entered';
import { faultOf, NOT_CHOSEN, PasswordTwice } from './PasswordTwice';
import './login.css';

type Waiting = ResetBody & { name: string };
const KEPT = 'muster.reset';

/** A telephone forgets a page while one is called on it: the digits are kept with the tab. They open nothing by themselves. */
function kept(): Waiting | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as Waiting | null;
    return found && typeof found.code === 'string' && typeof found.expires_at === 'string' ? found : null;
  } catch {
    return null;
  }
}

function keep(waiting: Waiting | null): void {
  if (waiting) sessionStorage.setItem(KEPT, JSON.stringify(waiting));
  else sessionStorage.removeItem(KEPT);
}

function Ask({ onAsked }: { onAsked: (waiting: Waiting) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const ask = useMutation({ mutationFn: () => resetAsk({ name: name.trim() }), onSuccess: (reset) => onAsked({ ...reset, name: name.trim() }) });
  return (
    <>
      <p>{t('forgot.about')}</p>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (!ask.isPending) ask.mutate();
        }}
      >
        <label>
          {t('login.name')}
          <input autoComplete="username" autoCapitalize="none" value={name} onChange={(e) => setName(e.target.value)} required maxLength={100} data-name />
        </label>
        {ask.isError && <Refusal error={ask.error} />}
        <button type="submit" className="act" disabled={name.trim() === '' || ask.isPending} data-ask-code>
          {t('forgot.ask')}
        </button>
      </form>
    </>
  );
}

function Wait({ waiting, again }: { waiting: Waiting; again: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const entered = useEntered();
  const [password, setPassword] = useState(NOT_CHOSEN);
  const over = useNow() > Date.parse(waiting.expires_at);
  const finish = useMutation({
    mutationFn: () => resetFinish({ password: password.first }),
    onSuccess: (session) => {
      keep(null);
      return entered(session);
    },
  });
  const early = finish.error instanceof Problem && finish.error.body.code === 'reset.waiting';
  const code = `${waiting.code.slice(0, 3)} ${waiting.code.slice(3)}`;
  return (
    <>
      {over ? (
        <p className="mark-warn">◆ {t('forgot.over')}</p>
      ) : (
        <>
          <p>{t('forgot.say', { name: waiting.name })}</p>
          <p className="forgot-code num" data-code>
            {code}
          </p>
          <p className="faint">{t('forgot.keep', { time: clockText(Date.parse(waiting.expires_at), about.now, false) })}</p>
          <form
            noValidate
            onSubmit={(e) => {
              e.preventDefault();
              if (faultOf(password) === null && !finish.isPending) finish.mutate();
            }}
          >
            <PasswordTwice value={password} onValue={setPassword} user={waiting.name} />
            {early && !finish.isPending && (
              <p className="forgot-waiting" role="status" data-waiting>
                ○ {t('forgot.waiting')}
              </p>
            )}
            {finish.isError && !early && <Refusal error={finish.error} />}
            <button type="submit" className="act" disabled={faultOf(password) !== null || finish.isPending} data-finish>
              {t('enter.go')}
            </button>
          </form>
        </>
      )}
      <p className="login-else">
        <button type="button" className="plain" onClick={again} data-anew>
          {t('forgot.again')}
        </button>
      </p>
    </>
  );
}

export default function Forgot() {
  const { t } = useTranslation();
  const [waiting, setWaiting] = useState(kept);
  const set = (next: Waiting | null) => {
    keep(next);
    setWaiting(next);
  };
  return (
    <main className="page login card">
      <h1>{t('forgot.title')}</h1>
      {waiting ? <Wait key={waiting.code} waiting={waiting} again={() => set(null)} /> : <Ask onAsked={set} />}
      <p className="login-else">
        <Link to="/login">‹ {t('shell.login')}</Link>
      </p>
    </main>
  );
}
