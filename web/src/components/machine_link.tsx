// Where something ran: a link to that TaskManager, which a history server does not have.

import type { ComponentChildren } from 'preact';
import { useHistory } from '../api/poll';
import { Link } from '../router';

export function MachineLink({ id, tab, children }: { id: string; tab?: string; children: ComponentChildren }) {
  if (useHistory()) return <span>{children}</span>;
  return <Link to={`/task-managers/${encodeURIComponent(id)}${tab ? `/${tab}` : ''}`}>{children}</Link>;
}
