import { Link } from 'wouter';
import { Notice } from '../ui/notice.tsx';

export const NoTarget = () => (
  <Notice title="There is no such target">
    It was deleted, or it belongs to another organization. <Link href="/targets">All targets</Link>
  </Notice>
);
