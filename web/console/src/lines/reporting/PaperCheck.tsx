// Is a paper what is held? What its square says stands behind the # of the address, or is typed.
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { reportCheck } from '@/api/generated';
import type { PaperChecked } from '@/api/generated.schemas';
import { useAbout } from '@/shared/about';
import { Choice, Text } from '@/shared/fields';
import { Refusal } from '@/shared/State';
import '@/shared/deed.css';
import './paper.css';

type Said = { unit: string; day: string; form: string; scope: string; rev: string; hash: string };

/** What stands in a square: words and values, with the address before them or without. */
function read(text: string, otherwise: Said): Said {
  const words = new URLSearchParams(text.slice(text.indexOf('#') + 1).trim());
  const of = (name: keyof Said) => words.get(name) ?? otherwise[name];
  return { unit: of('unit'), day: of('day'), form: of('form'), scope: of('scope'), rev: of('rev'), hash: of('hash') };
}

function Held({ checked, said }: { checked: PaperChecked; said: Said }) {
  const { t } = useTranslation();
  const [tone, sign] = checked.matches === 'yes' ? ['good', '●'] : checked.matches === 'superseded' ? ['warn', '◆'] : ['bad', '▲'];
  return (
    <p className={`paper-held mark-${tone}`} role="status" data-held={checked.matches}>
      <b>
        {sign} {t(`paper.held_${checked.matches}`, { n: checked.revision ?? 0, rev: said.rev })}
      </b>
    </p>
  );
}

export default function PaperCheck() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const { hash } = useLocation();
  const [said, setSaid] = useState(() => read(hash, { unit: '', day: about.today, form: about.form, scope: 'alone', rev: '1', hash: '' }));
  const set = (name: keyof Said) => (value: string) => setSaid((before) => ({ ...before, [name]: value }));
  const check = useMutation({
    mutationFn: (s: Said) => reportCheck({ unit: s.unit.trim(), day: s.day.trim(), form: s.form.trim(), scope: s.scope === 'below' ? 'below' : 'alone', revision: Number(s.rev), hash: s.hash.trim() }),
  });
  return (
    <main className="page page-narrow">
      <h1>{t('paper.title')}</h1>
      <p className="faint">{t('paper.sub')}</p>
      <form
        className="change-form"
        onSubmit={(e) => {
          e.preventDefault();
          check.mutate(said);
        }}
      >
        <Text name="square" label={t('paper.square')} hint={t('paper.square_hint')} value="" maxLength={1000} onValue={(text) => setSaid((before) => read(text, before))} />
        <Text name="unit" label={t('paper.unit')} value={said.unit} onValue={set('unit')} required />
        <Text name="day" label={t('paper.day')} value={said.day} onValue={set('day')} required />
        <Text name="form" label={t('paper.form')} value={said.form} onValue={set('form')} required />
        <Choice name="scope" label={t('paper.scope')} value={said.scope} onValue={set('scope')} options={['alone', 'below'].map((code): [string, string] => [code, t(`paper.scope_${code}`)])} />
        <Text name="revision" label={t('paper.rev')} value={said.rev} onValue={set('rev')} required />
        <Text name="hash" label={t('paper.hash')} value={said.hash} onValue={set('hash')} required />
        <p className="change-go">
          <button type="submit" className="act" disabled={check.isPending || !/^[1-9]\d{0,8}$/.test(said.rev.trim())} data-check>
            {t('paper.check')}
          </button>
        </p>
      </form>
      {check.data && check.variables && <Held checked={check.data} said={check.variables} />}
      {check.isError && <Refusal error={check.error} />}
    </main>
  );
}
