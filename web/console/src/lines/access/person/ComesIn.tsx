import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { accountLetter, accountReset } from '@/api/generated';
import type { AccountBody } from '@/api/generated.schemas';
import { Text } from '@/shared/fields';
import { Refusal } from '@/shared/State';
import { useOnce } from '../deeds';
import { Letter } from '../Letter';

/** A new letter for whoever was never in. */
function Write({ a }: { a: AccountBody }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const write = useMutation({ mutationFn: () => accountLetter(a.id), onSuccess: () => client.invalidateQueries() });
  return (
    <>
      <section className="card card-pad">
        <h2>{t('person.letter')}</h2>
        <p className="faint">{t('person.letter_about')}</p>
        {write.isError && <Refusal error={write.error} />}
        <p className="change-go">
          <button type="button" className="plain" disabled={write.isPending} onClick={() => write.mutate()} data-write-letter>
            {t('person.letter_go')}
          </button>
        </p>
      </section>
      {write.data && <Letter key={write.data.token} letter={write.data} name={a.name ?? ''} />}
    </>
  );
}

const CODE = /^\d{6}$/;

/** Lets in again who forgot: by the code that they say, and without seeing what they choose. */
function LetIn({ a }: { a: AccountBody }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const [done, setDone] = useState(false);
  const approve = useOnce((body: { code: string }, once) => accountReset(a.id, body, once), () => {
    setDone(true);
    setCode('');
  });
  const digits = code.replace(/\s/g, '');
  return (
    <section className="card card-pad" data-let-in>
      <h2>{t('person.reset')}</h2>
      <p className="faint">{t('person.reset_about')}</p>
      <form
        className="change-form"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          setDone(false);
          if (CODE.test(digits) && !approve.isPending) approve.mutate({ code: digits });
        }}
      >
        <Text name="code" label={t('person.reset_code')} value={code} onValue={setCode} kind="tel" maxLength={12} />
        {approve.isError && <Refusal error={approve.error} />}
        {done && (
          <p className="done" role="status" data-approved>
            ● {t('person.reset_done')}
          </p>
        )}
        <p className="change-go">
          <button type="submit" className="plain" disabled={!CODE.test(digits) || approve.isPending} data-approve>
            {t('person.reset_go')}
          </button>
        </p>
      </form>
    </section>
  );
}

/** How the person of an account comes in: by a letter where they never were, by a code where they forgot. */
export function ComesIn({ a }: { a: AccountBody }) {
  return a.entered ? <LetIn a={a} /> : <Write a={a} />;
}
