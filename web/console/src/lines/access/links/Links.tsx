// Links by which units file without an account: issuing them, handing them out, and who has opened theirs.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LinkBody } from '@/api/generated.schemas';
import { unitRead } from '@/api/queries';
import { useAbout, useOwnUnit } from '@/shared/about';
import { Refusal, Waiting } from '@/shared/State';
import type { Chosen } from '@/shared/UnitPick';
import { IssuedLinks } from './IssuedLinks';
import { IssueForm } from './IssueForm';
import { LinkList } from './LinkList';
import type { Wanted } from './types';
import { useIssue } from './useIssue';
import '@/shared/deed.css';
import '../people.css';
import './links.css';

const DAYS = 30;

function Of({ own }: { own: Chosen }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const [unit, setUnit] = useState(own);
  const [form, setForm] = useState<{ n: number; first: Wanted } | null>(null);
  const { issued, running, begin, again, drop } = useIssue();
  const fresh = (more: Partial<Wanted>) => {
    setForm({ n: (form?.n ?? 0) + 1, first: { under: unit, alone: false, form: about.form, days: DAYS, pin: true, ...more } });
    scrollTo({ top: 0 });
  };
  const anew = (link: LinkBody) => fresh({ under: { code: link.unit_code, name: link.unit_name }, alone: true, form: link.form });
  if (issued) {
    return (
      <IssuedLinks
        issued={issued}
        running={running}
        again={again}
        done={() => {
          drop();
          setForm(null);
        }}
      />
    );
  }
  return (
    <>
      {form ? (
        <IssueForm key={form.n} first={form.first} onUnit={setUnit} onIssue={begin} />
      ) : (
        <p className="people-new">
          <button type="button" className="act links-new" onClick={() => fresh({})} data-new>
            {t('links.new')}
          </button>
        </p>
      )}
      <LinkList key={unit.code} under={unit} onAgain={anew} />
    </>
  );
}

export default function Links() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const own = useOwnUnit('link.issue');
  const top = useQuery(unitRead(own, about.today));
  return (
    <main className="page links">
      <div className="page-head">
        <h1>{t('links.title')}</h1>
      </div>
      <p className="faint links-about">{t('links.sub')}</p>
      {top.data ? <Of own={{ code: top.data.code, name: top.data.name }} /> : top.isError ? <Refusal error={top.error} retry={() => void top.refetch()} /> : <Waiting />}
    </main>
  );
}
