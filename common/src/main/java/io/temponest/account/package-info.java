/** Tenants, the people in them and their roles, and API keys. */
@NullMarked
package io.temponest.account;

import org.jspecify.annotations.NullMarked;
