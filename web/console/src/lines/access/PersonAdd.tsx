// An account for somebody new: who, where, with which role; and the letter by which they come in.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { accountAdd, accountLetter, grantGive } from '@/api/generated';
import type { LetterBody } from '@/api/generated.schemas';
import { useAbout, useMay, useOwnUnit, useSession } from '@/shared/about';
import { Text } from '@/shared/fields';
import { Refusal } from '@/shared/State';
import { UnitPick, type Chosen } from '@/shared/UnitPick';
import { useOnce } from './deeds';
import { Letter } from './Letter';
import { RoleChoice } from './RoleChoice';
import '@/shared/deed.css';
import './people.css';

type Asked = { name: string; unit: string | null; role: string };
/** What was done: the account is there whatever became of the rest. */
type Done = { id: string; name: string; letter: LetterBody | null; wrong: unknown[] };

async function add({ name, unit, role }: Asked, once: RequestInit): Promise<Done> {
  const { id } = await accountAdd({ name, unit }, once);
  const done: Done = { id, name, letter: null, wrong: [] };
  if (role !== '') await grantGive({ account: id, role, unit }).catch((e: unknown) => done.wrong.push(e));
  await accountLetter(id).then((letter) => (done.letter = letter), (e: unknown) => done.wrong.push(e));
  return done;
}

function Added({ done, again }: { done: Done; again: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="done" role="status" data-done>
        ● {t('people.added', { name: done.name })}
      </p>
      {done.wrong.length > 0 && (
        <>
          <p className="mark-warn">◆ {t('people.added_partly')}</p>
          {done.wrong.map((e) => (
            <Refusal key={String(e)} error={e} />
          ))}
        </>
      )}
      {done.letter && <Letter letter={done.letter} name={done.name} />}
      <p className="change-go">
        <button type="button" className="plain" onClick={again} data-again>
          {t('people.add_another')}
        </button>
        <Link className="change-link" to={`/people/${encodeURIComponent(done.id)}`} data-to-person>
          {t('people.to_person')}
        </Link>
      </p>
    </>
  );
}

export default function PersonAdd() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const session = useSession();
  const may = useMay('account.set');
  const gives = useMay('grant.give');
  const whole = useMay('account.set', []);
  const own = useOwnUnit('account.set');
  // Who keeps the accounts of one unit adds there, as a rule.
  const first = session && !whole && own === session.unit_code ? { code: own, name: session.unit_name } : null;
  const [name, setName] = useState('');
  const [unit, setUnit] = useState<Chosen | null>(first);
  const [role, setRole] = useState('');
  const [done, setDone] = useState<Done | null>(null);
  const enter = useOnce(add, setDone);
  const lacking = name.trim() === '' || (unit === null && !whole);
  return (
    <main className="page page-narrow">
      <Link to="/people">‹ {t('people.title')}</Link>
      <h1>{t('people.add')}</h1>
      {!may ? (
        <p>{t('people.may_not')}</p>
      ) : done ? (
        <Added
          done={done}
          again={() => {
            setDone(null);
            setName('');
            enter.reset();
          }}
        />
      ) : (
        <>
          <p className="faint">{t('people.add_about')}</p>
          <form
            className="card card-pad change-form"
            noValidate
            onSubmit={(e) => {
              e.preventDefault();
              if (!lacking && !enter.isPending) enter.mutate({ name: name.trim(), unit: unit?.code ?? null, role });
            }}
          >
            <Text name="name" label={t('people.name')} value={name} onValue={setName} hint={t('people.name_hint')} required maxLength={100} />
            <UnitPick name="unit" label={t('people.unit_home')} day={about.today} chosen={unit} onChosen={setUnit} without={[]} />
            {whole && unit === null && <p className="faint small">{t('people.unit_none')}</p>}
            {gives ? <RoleChoice value={role} onValue={setRole} none={t('people.role_later')} hint={role === '' ? undefined : unit ? t('people.role_at', { unit: unit.name }) : t('people.role_whole')} /> : <p className="faint small">{t('people.role_others')}</p>}
            {enter.isError && <Refusal error={enter.error} />}
            <p className="change-go">
              <button type="submit" className="act" disabled={lacking || enter.isPending} data-add>
                {t(enter.isPending ? 'people.adding' : 'people.add_go')}
              </button>
            </p>
          </form>
        </>
      )}
    </main>
  );
}
