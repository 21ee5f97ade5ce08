// The day of a unit for whoever holds its link: no login, no menu, nothing of the rest of the tree. What opens the link stands behind
// the # of its address; the page takes it out of there, and from then on only a cookie knows it that no script can read.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { linkOpen } from '@/api/generated';
import type { LinkOpened } from '@/api/generated.schemas';
import { Problem } from '@/api/http';
import { linkRead } from '@/api/queries';
import { Refusal, Waiting } from '@/shared/State';
import { FillDay } from './FillDay';
import { FillPin } from './FillPin';
import { FillWords } from './FillWords';
import './fill.css';

/** How often a page that lies open asks whether its link still opens. */
const STILL_MS = 30_000;

const inAddress = (): string => location.hash.slice(1);

/** A link that was not opened on this device yet, or that its holder has come by again. */
function Door({ token, onOpen }: { token: string; onOpen: (link: LinkOpened) => void }) {
  const client = useQueryClient();
  // Without a PIN this only asks whose it is; one that has none, or that is open here already, opens by it.
  const asked = useQuery({
    queryKey: ['link-asked', token],
    queryFn: async () => {
      const said = await linkOpen({ token });
      if (said.open) onOpen(said);
      return said;
    },
    staleTime: Infinity,
    retry: (n, e) => n < 2 && e instanceof Problem && (e.unanswered || e.status === 503),
  });
  const refused = asked.error instanceof Problem ? asked.error : null;
  if (asked.data?.open) return <Waiting />;
  if (asked.data || refused?.status === 429) {
    return <FillPin token={token} link={asked.data} waitS={asked.data ? null : (refused?.retryAfterS ?? null)} onOpen={onOpen} />;
  }
  if (refused && (refused.status === 404 || refused.status === 409)) return <FillWords name="gone" why={refused.body.title} />;
  return asked.isError ? <Refusal error={asked.error} retry={() => void client.invalidateQueries({ queryKey: ['link-asked', token] })} /> : <Waiting />;
}

/** What is open on this device; or that it is no more, and who can help. */
function Open({ closed, onClosed }: { closed: boolean; onClosed: () => void }) {
  const here = useQuery({ ...linkRead(), refetchInterval: STILL_MS });
  const [was, setWas] = useState(false);
  const link = here.data && 'form' in here.data ? here.data : null;
  if (link && !was) setWas(true);
  if (link) return <FillDay link={link} onClosed={onClosed} />;
  if (here.data && 'none' in here.data) return <FillWords name={closed ? 'closed' : was || here.data.none === 'link.ended' ? 'ended' : 'none'} />;
  return here.isError ? <Refusal error={here.error} retry={() => void here.refetch()} /> : <Waiting />;
}

export default function Fill() {
  const client = useQueryClient();
  const [token, setToken] = useState(inAddress);
  const [closed, setClosed] = useState(false);
  useEffect(() => {
    // Not left there for whoever looks over a shoulder or into the history; here and not where it is read, because a page that
    // is drawn twice before it is shown reads it twice.
    const take = () => {
      const said = inAddress();
      if (said === '') return;
      history.replaceState(history.state, '', location.pathname);
      setToken(said);
    };
    take();
    // Another card held before the camera where this page is open: the browser changes the part behind the # only.
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, []);
  const open = (link: LinkOpened) => {
    // Nothing stays of the unit whose link was open here before.
    client.removeQueries({ queryKey: ['live'] });
    client.setQueryData(linkRead().queryKey, link);
    setClosed(false);
    setToken('');
  };
  return (
    <main className="phone-page">
      <div className="phone-column">{token === '' ? <Open closed={closed} onClosed={() => setClosed(true)} /> : <Door key={token} token={token} onOpen={open} />}</div>
    </main>
  );
}
