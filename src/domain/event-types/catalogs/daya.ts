/** Daya: orders and trades of an exchange account. */
import type { CatalogEntry } from './entry.ts';

const order = {
  id: '3f2b8c1e-5d47-4a6f-9b0e-7c1d2e3f4a5b',
  market: 'USDT-NGN',
  side: 'buy',
  type: 'limit',
  price: '1580.00',
  quantity: '100.00',
};

export const daya: readonly CatalogEntry[] = [
  {
    name: 'order.created',
    category: 'order',
    displayName: 'Order created',
    description: 'An order was accepted and placed on the book.',
    example: { ...order, filled_quantity: '0.00', status: 'open', created_at: '2024-01-15T10:30:00Z' },
  },
  {
    name: 'order.filled',
    category: 'order',
    displayName: 'Order filled',
    description: 'The whole quantity of an order was executed.',
    example: { ...order, filled_quantity: '100.00', status: 'filled', updated_at: '2024-01-15T10:31:12Z' },
  },
  {
    name: 'order.partially_filled',
    category: 'order',
    displayName: 'Order partially filled',
    description: 'A part of an order was executed; the rest stays on the book.',
    example: { ...order, filled_quantity: '40.00', status: 'partially_filled', updated_at: '2024-01-15T10:30:41Z' },
  },
  {
    name: 'order.cancelled',
    category: 'order',
    displayName: 'Order cancelled',
    description: 'An order was taken off the book before it was filled.',
    example: { ...order, filled_quantity: '40.00', status: 'cancelled', updated_at: '2024-01-15T10:45:00Z' },
  },
  {
    name: 'order.rejected',
    category: 'order',
    displayName: 'Order rejected',
    description: 'An order was refused and never reached the book.',
    example: { ...order, filled_quantity: '0.00', status: 'rejected', reason: 'insufficient_balance' },
  },
  {
    name: 'trade.executed',
    category: 'trade',
    displayName: 'Trade executed',
    description: 'Two orders matched; sent once for each match of one of your orders.',
    example: {
      id: '9a7c5e3d-1b2f-4c6a-8d0e-2f4b6c8d0e1a',
      order_id: order.id,
      market: order.market,
      side: order.side,
      price: '1580.00',
      quantity: '40.00',
      fee: { value: '0.04', currency: 'USDT' },
      executed_at: '2024-01-15T10:30:41Z',
    },
  },
];
