/** The lineage graph inside React: mounted once, updated with what it is handed. */
import * as React from 'react';

import { CommandIDs } from '../commands';
import { useServices } from '../context';
import type { IMounted } from '../graph/mount';
import { mount } from '../graph/mount';
import { said } from '../graph/types';
import type { IGraph } from '../tokens';

export function Lineage(props: { graph: IGraph; name: string }): JSX.Element {
  const { graph, name } = props;
  const { commands, trans } = useServices();
  const place = React.useRef<HTMLDivElement>(null);
  const mounted = React.useRef<IMounted | null>(null);
  React.useEffect(() => {
    if (place.current === null) {
      return;
    }
    const made = mount(place.current, null, {
      trans,
      name,
      openCell: node =>
        void commands.execute(CommandIDs.openCell, {
          notebook: said(node, 'notebook'),
          cell: said(node, 'cell'),
          code: said(node, 'code'),
          label: node.label
        })
    });
    mounted.current = made;
    return () => {
      mounted.current = null;
      made.dispose();
    };
  }, [commands, trans, name]);
  React.useEffect(() => mounted.current?.update(graph), [graph, name]);
  return <div className="wb-lineage" ref={place} />;
}
