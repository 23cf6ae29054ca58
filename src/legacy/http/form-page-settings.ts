import { type Static, Type } from 'typebox';
import { channel } from './shared-settings.ts';

const Page = (description: string) => Type.String({ pattern: '^https?://[^\\s#{}]{1,480}$', description });
const FieldName = (description: string) => Type.String({ minLength: 1, maxLength: 100, description });
const ElementId = (description: string) => Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.:-]{0,99}$', description });
const Place = (description: string) => Type.String({ pattern: '^/[^\\s#]{0,300}$', description });

/** F2, M11: what a browser would post. Only where there is nothing else: a page is no contract. */
export const FormPageSettings = Type.Object(
  {
    ...channel,
    method: Type.Literal('M11', { description: 'Log-in form post.' }),
    pageUrl: Page('The page with the form.'),
    form: Type.Object(
      {
        action: Place('Path that the form is sent to, on the same host.'),
        fields: Type.Array(FieldName('A name.'), {
          minItems: 2,
          maxItems: 40,
          description: 'Names of all fields of the form, in their order.',
        }),
        shape: Type.String({
          pattern: '^sha256:[A-Za-z0-9_-]{43}$',
          description: 'Digest of the structure of the form, as `latchkey sources check` writes it.',
        }),
        login: FieldName('Field of the user name.'),
        password: FieldName('Field of the password.'),
      },
      {
        additionalProperties: false,
        description: 'The form as it was when this was configured: any change closes the source.',
      },
    ),
    success: Type.Object(
      {
        redirectTo: Type.Optional(Place('Path, with its query, that a good sign-in sends the browser to.')),
        elementId: Type.Optional(ElementId('Id of an element that only a page for somebody signed in has.')),
        cookie: Type.Optional(FieldName('Cookie that only a good sign-in sets.')),
      },
      {
        additionalProperties: false,
        minProperties: 1,
        description: 'All that is named must hold; a redirect or an element must be among it.',
      },
    ),
    refusals: Type.Array(
      Type.Object(
        {
          redirectTo: Type.Optional(Place('Path, with its query, that the browser is sent to.')),
          text: Type.Optional(
            Type.String({
              minLength: 3,
              maxLength: 300,
              description: 'Words on a page that shows the same form again.',
            }),
          ),
          as: Type.Enum(
            ['unknown-person', 'wrong-secret', 'disabled', 'locked', 'expired', 'must-change-password', 'not-allowed'],
            {
              description: 'What it means.',
            },
          ),
        },
        { additionalProperties: false, minProperties: 2 },
      ),
      { minItems: 1, maxItems: 20, description: 'What the old system does with those whom it does not let in.' },
    ),
    key: Type.Union(
      [
        Type.Literal('login', { description: 'The user name: noted as re-assignable.' }),
        Type.Object(
          {
            pageUrl: Page('A page of somebody signed in, on the same host.'),
            elementId: ElementId('Id of the element whose text is the id.'),
          },
          { additionalProperties: false },
        ),
      ],
      { description: 'What the old system knows a person by.' },
    ),
  },
  { additionalProperties: false },
);
export type FormPageSettings = Static<typeof FormPageSettings>;
