/** The event types in the reference documents, and the category that our catalog gives them. */

/** dakota update target, dfns update webhook and daya update webhook: each by its category here. */
export const EVENT_TYPES = {
  dakota: {
    security: 'user.created user.updated user.deleted api_key.created api_key.deleted',
    customer: 'customer.created customer.updated',
    compliance: `customer.kyb_link.created customer.kyb_link.updated customer.kyb_status.created
      customer.kyb_status.updated exception.created exception.cleared bvnk.onboarding.created bvnk.onboarding.updated`,
    account: 'auto_account.created auto_account.updated auto_account.deleted',
    transaction: `transaction.auto.created transaction.auto.updated transaction.one_off.created
      transaction.one_off.updated`,
    recipient: 'recipient.created recipient.updated recipient.deleted destination.created destination.deleted',
    webhook: 'target.created target.updated target.deleted',
    wallet: `wallet.created wallet.updated wallet.signer_group.created wallet.signer_group.updated
      wallet.policy.created wallet.policy.updated wallet.transaction.created wallet.transaction.updated wallet.deposit`,
  },
  dfns: {
    security: `policy.triggered policy.approval.pending policy.approval.resolved key.created key.deleted key.delegated
      key.exported`,
    wallet: `wallet.blockchainevent.detected wallet.created wallet.activated wallet.delegated wallet.exported
      wallet.signature.failed wallet.signature.rejected wallet.signature.requested wallet.signature.signed
      wallet.transaction.broadcasted wallet.transaction.confirmed wallet.transaction.failed
      wallet.transaction.rejected wallet.transaction.requested wallet.transfer.broadcasted wallet.transfer.confirmed
      wallet.transfer.failed wallet.transfer.rejected wallet.transfer.requested wallet.offer.received
      wallet.offer.accepted wallet.offer.rejected wallet.offer.withdrawn wallet.tags.modified`,
  },
  daya: {
    order: 'order.created order.filled order.partially_filled order.cancelled order.rejected',
    trade: 'trade.executed',
  },
} as const;

/** The guide's table of event types: fewer than the enumeration of update target, under headings of its own. */
export const GUIDE_EVENT_TYPES = {
  Customer: `customer.created customer.updated customer.kyb_status.created customer.kyb_status.updated
    customer.kyb_link.created customer.kyb_link.updated`,
  Transaction: EVENT_TYPES.dakota.transaction,
  Account: EVENT_TYPES.dakota.account,
  Other: `user.created user.updated user.deleted api_key.created api_key.deleted recipient.created recipient.updated
    recipient.deleted destination.created destination.deleted target.created target.updated target.deleted
    exception.created exception.cleared`,
} as const;

export type ListedType = { readonly name: string; readonly group: string };

/** One entry for each name, with the heading it stands under. */
export const listed = (groups: Readonly<Record<string, string>>): ListedType[] =>
  Object.entries(groups).flatMap(([group, names]) => names.split(/\s+/).map((name) => ({ name, group })));
