import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { accountErase, accountExport } from '@/api/generated';
import type { AccountBody } from '@/api/generated.schemas';
import { Text } from '@/shared/fields';
import { saved } from '@/shared/saved';
import { Refusal } from '@/shared/State';
import { Asked, useOnce } from '../deeds';

const enough = (purpose: string) => purpose.trim().length >= 4;

/** Takes out what is kept of the person, for them: a file that the browser keeps. */
function Take({ a, close }: { a: AccountBody; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [purpose, setPurpose] = useState('');
  const take = useMutation({
    mutationFn: () => accountExport(a.id, { purpose }),
    onSuccess: async (data) => {
      saved(`${a.id}.json`, data);
      close();
      await client.invalidateQueries();
    },
  });
  return (
    <>
      <Text name="purpose" label={t('person.purpose')} value={purpose} onValue={setPurpose} maxLength={200} />
      {take.isError && <Refusal error={take.error} />}
      <button type="button" className="act" disabled={!enough(purpose) || take.isPending} onClick={() => take.mutate()} data-take-data>
        {t('person.data_go')}
      </button>
    </>
  );
}

function Fields({ a, close }: { a: AccountBody; close: () => void }) {
  const { t } = useTranslation();
  const [purpose, setPurpose] = useState('');
  const erase = useOnce((body: { purpose: string }, once) => accountErase(a.id, body, once), close);
  return (
    <>
      <Text name="purpose" label={t('person.purpose')} value={purpose} onValue={setPurpose} maxLength={200} />
      {erase.isError && <Refusal error={erase.error} />}
      <button type="button" className="act" disabled={!enough(purpose) || erase.isPending} onClick={() => erase.mutate({ purpose })} data-erase>
        {t('person.erase_go', { name: a.name ?? '' })}
      </button>
    </>
  );
}

/** What is kept of the person: told to them, or erased, where they ask. */
export function Erase({ a }: { a: AccountBody }) {
  const { t } = useTranslation();
  return (
    <section className="card card-pad" data-erasing>
      <h2>{t('person.data')}</h2>
      <p className="faint">{t('person.data_about')}</p>
      <Asked name="data" open={`${t('person.data_open')}…`}>
        {(close) => <Take a={a} close={close} />}
      </Asked>
      <p className="faint">{t('person.erase_about')}</p>
      <Asked name="erase" open={`${t('person.erase')}…`}>
        {(close) => <Fields a={a} close={close} />}
      </Asked>
    </section>
  );
}
