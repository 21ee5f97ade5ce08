// What each role may do, at a glance, and which of them nobody holds together.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RolesBody } from '@/api/generated.schemas';
import { roleList } from '@/api/queries';
import { useMay } from '@/shared/about';
import { Mark } from '@/shared/Mark';
import { Show } from '@/shared/State';
import { useWord } from '@/shared/word';
import '@/shared/deed.css';
import './people.css';

const GOVERNS = ['account.set', 'grant.give'];

/** What a role may do. The office gives up governing once three administrators are appointed. */
function useLets(roles: RolesBody): (role: RolesBody['items'][number], permission: string) => 'yes' | 'given_up' | 'no' {
  return (role, permission) => {
    if (!role.permissions.includes(permission)) return 'no';
    return roles.separated && role.role === 'office' && GOVERNS.includes(permission) ? 'given_up' : 'yes';
  };
}

/** All permissions, in the order in which the roles say them. */
const permissionsOf = (roles: RolesBody): string[] => {
  const widest = [...roles.items].sort((a, b) => b.permissions.length - a.permissions.length);
  return [...new Set(widest.flatMap((role) => role.permissions))];
};

function Cell({ lets }: { lets: 'yes' | 'given_up' | 'no' }) {
  const { t } = useTranslation();
  const shape = { yes: '●', given_up: '○', no: '' }[lets];
  return (
    <td className={`roles-${lets}`}>
      <span aria-hidden="true">{shape}</span>
      <span className="visually-hidden">{t(`roles.${lets}`)}</span>
    </td>
  );
}

function Matrix({ roles }: { roles: RolesBody }) {
  const { t } = useTranslation();
  const word = useWord();
  const lets = useLets(roles);
  return (
    <div className="card roles-matrix">
      <table className="sheet-table" data-matrix>
        <thead>
          <tr>
            <th>{t('roles.may')}</th>
            {roles.items.map((role) => (
              <th key={role.role} scope="col" data-role={role.role}>
                {word('seat', role.role)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {permissionsOf(roles).map((permission) => (
            <tr key={permission} data-permission={permission}>
              <th scope="row">{word('permission', permission)}</th>
              {roles.items.map((role) => (
                <Cell key={role.role} lets={lets(role, permission)} />
              ))}
            </tr>
          ))}
          <tr className="roles-yours">
            <th scope="row">{t('roles.yours')}</th>
            {roles.items.map((role) => (
              <Cell key={role.role} lets={role.given_by_reader ? 'yes' : 'no'} />
            ))}
          </tr>
        </tbody>
      </table>
    </div>
  );
}

/** The same role by role: a telephone has no room for eleven columns. */
function List({ roles }: { roles: RolesBody }) {
  const { t } = useTranslation();
  const word = useWord();
  const lets = useLets(roles);
  return (
    <ul className="card roles-list">
      {roles.items.map((role) => (
        <li key={role.role}>
          <h2>{word('seat', role.role)}</h2>
          <p>{role.permissions.filter((p) => lets(role, p) === 'yes').map((p) => word('permission', p)).join(t('list.semicolon'))}</p>
          {role.given_by_reader && <p className="faint small">{t('roles.yours')}</p>}
        </li>
      ))}
    </ul>
  );
}

function Apart({ roles }: { roles: RolesBody }) {
  const { t } = useTranslation();
  const word = useWord();
  const seats = roles.items.map((role) => role.role);
  const others = (role: string) => roles.apart.filter((pair) => pair.includes(role)).map((pair) => (pair[0] === role ? pair[1]! : pair[0]!));
  return (
    <section className="card card-pad roles-apart">
      <h2>{t('roles.apart')}</h2>
      <p className="faint">{t('roles.apart_sub')}</p>
      <dl>
        {seats
          .filter((role) => others(role).length > 0)
          .map((role) => (
            <div key={role} data-apart={role}>
              <dt>{word('seat', role)}</dt>
              <dd>{others(role).map((other) => word('seat', other)).join(t('list.comma'))}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

export default function Roles() {
  const { t } = useTranslation();
  const query = useQuery(roleList());
  const people = useMay('account.read');
  return (
    <main className="page">
      <Link to={people ? '/people' : '/me'}>‹ {t(people ? 'people.title' : 'me.title')}</Link>
      <h1>{t('roles.title')}</h1>
      <p className="faint">{t('roles.sub')}</p>
      <Show query={query}>
        {(roles) => (
          <>
            <p className="roles-separated" data-separated={roles.separated}>
              <Mark tone={roles.separated ? 'good' : 'quiet'}>{t(roles.separated ? 'roles.separated' : 'roles.united')}</Mark> <span className="faint">{t(roles.separated ? 'roles.separated_sub' : 'roles.united_sub')}</span>
            </p>
            <Matrix roles={roles} />
            <List roles={roles} />
            <Apart roles={roles} />
          </>
        )}
      </Show>
    </main>
  );
}
