// The table of contents. Every page is its own file, fetched when it is opened.
import { createBrowserRouter, type LazyRouteFunction, type RouteObject } from 'react-router';
import { Waiting } from '@/shared/State';
import { notice, notices } from './command';
import { LinkShell } from './LinkShell';
import { Lost } from './Lost';
import { Shell } from './Shell';

type Page = { default: React.ComponentType };
const page =
  (load: () => Promise<Page>): LazyRouteFunction<RouteObject> =>
  async () => ({ Component: (await load()).default });

export const router = createBrowserRouter([
  // Whoever holds a link has no other page: without the frame of the others, its menu and its account.
  {
    element: <LinkShell />,
    HydrateFallback: Waiting,
    errorElement: <Lost />,
    children: [{ path: 'fill', lazy: page(() => import('@/lines/reporting/fill/Fill')) }],
  },
  {
    element: <Shell />,
    HydrateFallback: Waiting,
    errorElement: <Lost />,
    children: [
      { index: true, lazy: page(() => import('@/lines/reporting/Desk')) },
      { path: 'side-by-side', lazy: page(() => import('@/lines/reporting/SideBySide')) },
      { path: 'phone', lazy: page(() => import('@/lines/reporting/Phone')) },
      { path: 'missing', lazy: page(() => import('@/lines/reporting/Missing')) },
      { path: 'contradictions', lazy: page(() => import('@/lines/reporting/Contradictions')) },
      { path: 'corrections', lazy: page(() => import('@/lines/reporting/Corrections')) },
      { path: 'figure', lazy: page(() => import('@/lines/reporting/Figure')) },
      { path: 'brief/:day?', lazy: page(() => import('@/lines/reporting/Brief')) },
      { path: 'units/book', lazy: page(() => import('@/lines/org/book/Book')) },
      { path: 'units/:code?', lazy: page(() => import('./UnitsPage')) },
      { path: 'units/:code/change', lazy: page(() => import('@/lines/org/Change')) },
      { path: 'units/:code/post/:post?', lazy: page(() => import('./PostsPage')) },
      { path: 'parties', lazy: page(() => import('@/lines/org/party/Parties')) },
      { path: 'parties/change/:code?', lazy: page(() => import('@/lines/org/party/PartyForm')) },
      { path: 'journal', lazy: page(() => import('@/lines/evidence/Journal')) },
      { path: 'findings', lazy: page(() => import('@/lines/inspect/Findings')) },
      { path: 'tasks', lazy: page(() => import('@/lines/command/tasks/Tasks')) },
      { path: 'tasks/:id', lazy: page(() => import('@/lines/command/tasks/TaskPage')) },
      { path: 'measures', lazy: page(() => import('@/lines/command/tasks/Measures')) },
      { path: 'outbox', lazy: page(() => import('@/lines/outbound/Outbox')) },
      { path: 'check', lazy: page(() => import('@/lines/reporting/PaperCheck')) },
      { path: 'catalogue', lazy: page(() => import('@/lines/reporting/catalogue/Catalogue')) },
      { path: 'catalogue/element/:code?', lazy: page(() => import('@/lines/reporting/catalogue/ElementForm')) },
      { path: 'catalogue/form/:code?', lazy: page(() => import('@/lines/reporting/catalogue/FormForm')) },
      { path: 'catalogue/assignment/:series?', lazy: page(() => import('@/lines/reporting/catalogue/AssignForm')) },
      { path: 'start', lazy: page(() => import('@/lines/org/Start')) },
      { path: 'people', lazy: page(() => import('@/lines/access/People')) },
      { path: 'people/add', lazy: page(() => import('@/lines/access/PersonAdd')) },
      { path: 'people/:id', lazy: page(() => import('@/lines/access/Person')) },
      { path: 'roles', lazy: page(() => import('@/lines/access/Roles')) },
      { path: 'links', lazy: page(() => import('@/lines/access/links/Links')) },
      { path: 'privacy', lazy: page(() => import('@/lines/access/privacy/Privacy')) },
      { path: 'me', lazy: page(() => import('@/lines/access/Me')) },
      { path: 'acting', lazy: page(() => import('@/lines/access/acting/Acting')) },
      { path: 'login', lazy: page(() => import('@/lines/access/Login')) },
      { path: 'login/oidc', lazy: page(() => import('@/lines/access/oidc/OidcBack')) },
      { path: 'forgot', lazy: page(() => import('@/lines/access/Forgot')) },
      { path: 'letter', lazy: page(() => import('@/lines/access/OpenLetter')) },
      ...(notices ? [{ path: 'notices', lazy: page(notices) }] : []),
      ...(notice ? [{ path: 'notices/:id', lazy: page(notice) }] : []),
      { path: '*', element: <Lost /> },
    ],
  },
]);
