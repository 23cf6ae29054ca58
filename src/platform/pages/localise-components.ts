import type { TemplateSet } from './template-set.ts';
import type { Translate } from './translations.ts';

type Parameters = Readonly<Record<string, unknown>>;
type Component = (parameters?: Parameters) => unknown;

/**
 * GOV.UK components carry English words of their own ("Show password", "There is a problem"). Here they get the
 * page's language, so that no page author has to think of it; a page may still give its own words.
 */
export function localiseComponents(templates: TemplateSet, t: Translate): Record<string, Component> {
  const words: Record<string, Parameters> = {
    govukErrorSummary: { titleText: t('components.errorSummaryTitle') },
    govukErrorMessage: { visuallyHiddenText: t('components.error') },
    govukWarningText: { iconFallbackText: t('components.warning') },
    govukBackLink: { text: t('layout.back') },
    govukPasswordInput: {
      showPasswordText: t('components.show'),
      hidePasswordText: t('components.hide'),
      showPasswordAriaLabelText: t('components.showPassword'),
      hidePasswordAriaLabelText: t('components.hidePassword'),
      passwordShownAnnouncementText: t('components.passwordShown'),
      passwordHiddenAnnouncementText: t('components.passwordHidden'),
    },
  };
  const localised: Record<string, Component> = {};
  for (const [name, parameters] of Object.entries(words)) {
    const component = templates.component(name);
    if (component !== undefined) localised[name] = (given) => component({ ...parameters, ...given });
  }
  const banner = templates.component('govukNotificationBanner');
  if (banner !== undefined) localised['govukNotificationBanner'] = localiseBanner(banner, t);
  return localised;
}

function localiseBanner(component: Component, t: Translate): Component {
  const important = t('components.important');
  const success = t('components.success');
  return (given) => component({ titleText: given?.['type'] === 'success' ? success : important, ...given });
}
