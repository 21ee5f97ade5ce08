// The first minute of an office of one's own: a title, a first account, nothing else.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { operationBegin } from '@/api/generated';
import { sessionRead } from '@/api/queries';
import { useAbout } from '@/shared/about';
import { Refusal } from '@/shared/State';
import { KeptAt } from './KeptAt';

/** Begins the operation of an empty database. */
export function Begin() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const client = useQueryClient();
  const [office, setOffice] = useState('');
  const [account, setAccount] = useState('');
  const [password, setPassword] = useState('');
  const begin = useMutation({
    mutationFn: () => operationBegin({ office, account, password }),
    onSuccess: async () => {
      // Who one is now first: a page that only knows of the operation would ask for a login.
      await client.fetchQuery({ ...sessionRead(), staleTime: 0 });
      await client.invalidateQueries();
    },
  });
  return (
    <main className="page page-narrow">
      <h1>{t('begin.title')}</h1>
      <p className="faint">{t('begin.sub')}</p>
      <form
        className="card card-pad begin"
        onSubmit={(e) => {
          e.preventDefault();
          begin.mutate();
        }}
      >
        <label>
          {t('begin.office')}
          <input value={office} onChange={(e) => setOffice(e.target.value)} required maxLength={100} data-office />
        </label>
        <label>
          {t('begin.account')}
          <input value={account} onChange={(e) => setAccount(e.target.value)} required maxLength={100} autoComplete="username" data-account />
        </label>
        <label>
          {t('begin.password')}
          <input type="password" value={password} onChange={(e) => setPassword(e.target.value)} required minLength={8} maxLength={256} autoComplete="new-password" data-password />
        </label>
        {begin.isError && <Refusal error={begin.error} />}
        <button type="submit" className="act" disabled={begin.isPending} data-begin>
          {t('begin.begin')}
        </button>
      </form>
      {about.kept && <KeptAt kept={about.kept} next />}
    </main>
  );
}
