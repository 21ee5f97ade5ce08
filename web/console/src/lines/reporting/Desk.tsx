// The office's desk: one sentence, four figures, the groups. It answers "who has not reported, and what is new" without a click.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { deskRead } from '@/api/queries';
import type { Desk as DeskData } from '@/api/generated.schemas';
import { useAt } from '@/shared/about';
import { Show } from '@/shared/State';
import { DeskFigures } from './DeskFigures';
import { DeskSentence } from './DeskSentence';
import { Requests } from './Requests';
import { Tiles } from './Tiles';
import './desk.css';

function Below({ desk }: { desk: DeskData }) {
  const { t } = useTranslation();
  return (
    <section className="desk-below">
      <Link className="card card-pad desk-fact" to={`/contradictions?day=${desk.day}`}>
        <span className={desk.contradictions ? 'mark mark-bad' : 'mark mark-quiet'}>
          {desk.contradictions ? '▲' : '○'} {t('desk.contradictions', { count: desk.contradictions })}
        </span>
      </Link>
      <Link className="card card-pad desk-fact" to={`/corrections?day=${desk.day}`} data-corrections>
        ◇ {t('desk.corrections', { count: desk.corrections })}
      </Link>
    </section>
  );
}

export default function Desk() {
  const at = useAt();
  const query = useQuery(deskRead(at));
  return (
    <main className="page">
      <Show query={query}>
        {(desk) => (
          <>
            <DeskSentence desk={desk} />
            <DeskFigures desk={desk} />
            <Tiles desk={desk} />
            <Below desk={desk} />
            <Requests node={`unit:${desk.totals.node.code}`} at={at} />
          </>
        )}
      </Show>
    </main>
  );
}
