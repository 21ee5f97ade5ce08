import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { sessionClose, sessionOpen } from '@/api/generated';
import { Problem } from '@/api/http';
import { become } from '@/api/queries';
import { startOf, useAbout, useSession } from '@/shared/about';
import { Refusal } from '@/shared/State';
import { OidcButtons } from './oidc/OidcButtons';
import './login.css';
import './oidc/oidc.css';

const focus = (field: HTMLInputElement | null) => field?.focus();

const isCodeNeeded = (e: unknown): boolean => e instanceof Problem && e.body.code === 'session.code_needed';

/** The simple local login: a name and a password, and whom to ask where one has none. */
export default function Login() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const session = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  // Back to the page that asked for a login; only a page of this server.
  const asked = params.get('to') ?? '/';
  const back = /^\/(?![/\\])/.test(asked) ? asked : '/';
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  // Whoever has the password is told that a code is wanting; from then on it stays asked for.
  const [coded, setCoded] = useState(false);
  const enter = useMutation({
    mutationFn: () => sessionOpen({ name, password, code: coded ? code.replace(/\s/g, '') : undefined }),
    onError: (e) => {
      setCode('');
      if (isCodeNeeded(e)) setCoded(true);
    },
    onSuccess: async ({ permissions }) => {
      await become(client);
      await client.invalidateQueries();
      // Who asked for no page in particular begins with what they are here for: a clerk with the day's report.
      void navigate(back === '/' ? startOf(permissions) : back, { replace: true });
    },
  });
  const leave = useMutation({
    mutationFn: () => sessionClose(),
    onSuccess: () => client.invalidateQueries(),
  });
  if (session && about.login === 'local') {
    return (
      <main className="page login card">
        <p>{session.unit_name ? t('login.as', { name: session.name, unit: session.unit_name }) : t('login.as_whole', { name: session.name })}</p>
        <button type="button" className="plain" onClick={() => leave.mutate()} disabled={leave.isPending}>
          {t('login.leave')}
        </button>
      </main>
    );
  }
  return (
    <main className="page login card">
      <h1>{t('shell.login')}</h1>
      <p className="faint">{t(about.login === 'demo' ? 'login.demo' : 'login.simple')}</p>
      {params.has('to') && about.login === 'local' && <p role="status">{t('login.needed')}</p>}
      <form
        onSubmit={(e) => {
          e.preventDefault();
          enter.mutate();
        }}
      >
        <label>
          {t('login.name')}
          <input autoComplete="username" value={name} onChange={(e) => {
              setName(e.target.value);
              setCoded(false);
            }} required maxLength={200} />
        </label>
        <label>
          {t('login.password')}
          <input type="password" autoComplete="current-password" value={password} onChange={(e) => setPassword(e.target.value)} required maxLength={1000} />
        </label>
        {coded && (
          <label>
            {t('login.code')}
            {/* One goes on typing where it is asked for. */}
            <input ref={focus} inputMode="numeric" autoComplete="one-time-code" value={code} onChange={(e) => setCode(e.target.value)} required maxLength={9} data-code />
            <span className="faint small">{t('login.code_lost')}</span>
          </label>
        )}
        {/* The field that asks for it says it already. */}
        {enter.isError && !isCodeNeeded(enter.error) && <Refusal error={enter.error} />}
        <button type="submit" className="act" disabled={enter.isPending}>
          {t('login.enter')}
        </button>
      </form>
      {about.login === 'local' && <OidcButtons to={back} />}
      {about.login === 'local' && (
        <p className="login-else">
          <Link to="/forgot" data-forgot>
            {t('login.forgot')}
          </Link>
        </p>
      )}
    </main>
  );
}
