import type { TypeToPublishQuery } from '../../generated/graphql.ts';
import { Text } from '../../ui/text/text.tsx';
import { fieldsOf } from './sample.ts';

/** The fields that the schema of a type names, to read while the data is written. */
export function SchemaFields({ type }: { readonly type: NonNullable<TypeToPublishQuery['eventType']> }) {
  const fields = fieldsOf(type.schema);
  return (
    <>
      <h2>
        <Text value={type.name} />
      </h2>
      {type.description !== '' && (
        <p>
          <Text value={type.description} />
        </p>
      )}
      {fields.length === 0 ? (
        <p className="soft">The type has no schema with fields: any JSON is taken.</p>
      ) : (
        <dl className="schema-fields">
          {fields.map(({ path, type: kind, isRequired, description }, nth) => (
            <div key={nth}>
              <dt>
                <code>
                  <Text value={path} />
                </code>
                <span className="soft">
                  <Text value={kind} />
                  {isRequired ? ', required' : ''}
                </span>
              </dt>
              {description !== '' && (
                <dd>
                  <Text value={description} />
                </dd>
              )}
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
