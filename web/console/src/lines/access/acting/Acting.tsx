// Acting for somebody: whom, when they decided, by what means. From then on every change says so.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { act, LASTS_MS, MEANS, useActing, type Means } from '@/api/acting';
import { unitRead } from '@/api/queries';
import type { SessionBody, UnitBody } from '@/api/generated.schemas';
import { useAbout, useOwnUnit, useSession } from '@/shared/about';
import { clockText, useNow } from '@/shared/clock';
import { Choice, Labelled } from '@/shared/fields';
import { Waiting } from '@/shared/State';
import { UnitPick, type Chosen } from '@/shared/UnitPick';
import '@/shared/deed.css';
import './acting.css';

const AGO_MS_MAX = 30 * 86_400_000;

/** `2020-02-03T09:00` of an instant, on the office's wall. */
function wall(ms: number, like: string): string {
  const said = /([+-])(\d\d):(\d\d)$/.exec(like);
  const shift = said ? (said[1] === '-' ? -1 : 1) * (Number(said[2]) * 60 + Number(said[3])) : 0;
  return new Date(ms + shift * 60_000).toISOString().slice(0, 16);
}

const offsetOf = (instant: string): string => /(?:[+-]\d\d:\d\d|Z)$/.exec(instant)?.[0] ?? 'Z';

function Posts({ unit, value, onValue }: { unit: UnitBody; value: string; onValue: (post: string) => void }) {
  const { t } = useTranslation();
  if (unit.posts.length === 0) {
    return (
      <p className="mark-warn" data-no-posts>
        ◆ {t('acting.no_posts')} <Link to={`/units/${encodeURIComponent(unit.code)}`}>{t('acting.to_unit')}</Link>
      </p>
    );
  }
  return <Choice name="post" label={t('acting.post')} value={value} onValue={onValue} options={[['', t('acting.choose')], ...unit.posts.map((p): [string, string] => [p.code, `${p.name} ${p.code}`])]} />;
}

function Form({ session, home }: { session: SessionBody; home: Chosen }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const navigate = useNavigate();
  const now = useNow();
  const [unit, setUnit] = useState<Chosen | null>(home);
  const [post, setPost] = useState('');
  const [touched, setTouched] = useState<string | null>(null);
  const [means, setMeans] = useState<Means | ''>('');
  const read = useQuery({ ...unitRead(unit?.code ?? '', about.today), enabled: unit !== null });
  const when = touched ?? wall(now, about.now);
  const at = `${when}:00${offsetOf(about.now)}`;
  const ago = now - Date.parse(at);
  const wrong = !Number.isFinite(ago) || ago < 0 || ago > AGO_MS_MAX;
  const found = unit ? read.data?.posts.find((p) => p.code === post) : undefined;
  const lacking = !unit || !found || means === '' || wrong;
  return (
    <form
      className="card card-pad change-form acting-form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (lacking || !read.data) return;
        act({ account: session.account, unit: { code: unit.code, name: read.data.name }, post: { code: found.code, name: found.name }, at, means, until: Date.now() + LASTS_MS });
        void navigate('/');
      }}
    >
      <UnitPick
        name="unit"
        label={t('acting.unit')}
        day={about.today}
        chosen={unit}
        onChosen={(chosen) => {
          setUnit(chosen);
          setPost('');
        }}
        without={[]}
      />
      {unit && (read.data ? <Posts unit={read.data} value={post} onValue={setPost} /> : !read.isError && <Waiting />)}
      <Labelled name="at" label={t('acting.when')} hint={t(wrong ? 'acting.when_wrong' : 'acting.when_hint')}>
        {(id, described) => <input id={id} type="datetime-local" value={when} max={`${clockDay(about.now, now)}`} onChange={(e) => setTouched(e.target.value)} aria-describedby={described} aria-invalid={wrong || undefined} />}
      </Labelled>
      <Choice name="means" label={t('acting.by')} value={means} onValue={(v) => setMeans(v as Means)} options={[['', t('acting.choose')], ...MEANS.map((m): [string, string] => [m, t(`acting.means.${m}`)])]} />
      <p className="change-go">
        <button type="submit" className="act" disabled={lacking} data-acting-start>
          {t('acting.start')}
        </button>
      </p>
      <p className="faint">{t('acting.ends')}</p>
    </form>
  );
}

/** The latest that can be chosen: now, on the office's wall. */
const clockDay = (like: string, ms: number): string => `${wall(ms, like).slice(0, 11)}${clockText(ms, like, false)}`;

export default function Acting() {
  const { t } = useTranslation();
  const session = useSession();
  const { about } = useAbout();
  const own = useOwnUnit('unit.read');
  const on = useActing();
  const home = useQuery({ ...unitRead(own, about.today), enabled: own !== '' }).data;
  return (
    <main className="page page-narrow">
      <h1>{t('acting.title')}</h1>
      <p className="faint">{t('acting.sub')}</p>
      {on && <p className="mark-warn">◆ {t('acting.instead')}</p>}
      {session && home ? <Form key={session.account} session={session} home={{ code: home.code, name: home.name }} /> : <Waiting />}
    </main>
  );
}
