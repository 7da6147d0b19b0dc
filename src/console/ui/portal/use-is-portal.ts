import { useRouter } from 'wouter';
import { PORTAL } from '../../pages.ts';

/** Whether the page is shown in the portal: to people who know the site around it, and neither API keys nor the operator. */
export const useIsPortal = (): boolean => useRouter().base === PORTAL;
