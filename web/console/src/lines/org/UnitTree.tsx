import { useQuery, useQueryClient } from '@tanstack/react-query';
import Tree from 'antd/es/tree';
import { useState } from 'react';
import { unitList, unitRead } from '@/api/queries';
import type { UnitBody } from '@/api/generated.schemas';
import { Show } from '@/shared/State';

type Branch = { key: string; title: string; isLeaf: boolean; children?: Branch[] };
const LEVEL = 500;

function branch(u: UnitBody): Branch {
  return { key: u.code, title: u.name, isLeaf: u.has_children === false };
}

function grown(tree: Branch[], key: string, children: Branch[]): Branch[] {
  return tree.map((b) =>
    b.key === key ? { ...b, children, isLeaf: children.length === 0 } : b.children ? { ...b, children: grown(b.children, key, children) } : b,
  );
}

/** One level at a time: a tree of a million units opens as fast as one of ten. */
function Grown({ first, root, day, chosen, onChoose }: { first: UnitBody[]; root: UnitBody; day: string; chosen?: string; onChoose: (c: string) => void }) {
  const client = useQueryClient();
  const [tree, setTree] = useState<Branch[]>(() => [{ ...branch(root), isLeaf: false, children: first.map(branch) }]);
  return (
    <Tree
      treeData={tree}
      defaultExpandedKeys={[root.code]}
      selectedKeys={chosen ? [chosen] : []}
      showLine
      virtual
      height={620}
      blockNode
      loadData={async (node) => {
        const key = String(node.key);
        const page = await client.fetchQuery(unitList({ under: key, day, depth: 1, limit: LEVEL }));
        setTree((old) => grown(old, key, page.items.map(branch)));
      }}
      onSelect={(_, { node }) => onChoose(String(node.key))}
    />
  );
}

export function UnitTree({ root, day, chosen, onChoose }: { root: string; day: string; chosen?: string; onChoose: (c: string) => void }) {
  const top = useQuery(unitRead(root, day));
  const first = useQuery(unitList({ under: root, day, depth: 1, limit: LEVEL }));
  return (
    <Show query={top}>
      {(u) => <Show query={first}>{(d) => <Grown key={`${u.code}${u.name}${day}`} first={d.items} root={u} day={day} chosen={chosen} onChoose={onChoose} />}</Show>}
    </Show>
  );
}
