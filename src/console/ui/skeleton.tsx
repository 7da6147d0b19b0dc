/** Grey rows of the size that the loaded ones will have, so that nothing jumps. */
export const Skeleton = ({ rows }: { readonly rows: number }) => (
  <div className="skeleton" role="status" aria-label="Loading">
    {Array.from({ length: rows }, (_, nth) => (
      <span key={nth} />
    ))}
  </div>
);
