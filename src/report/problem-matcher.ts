/**
 * Reads one line of the `unix` format back: file, line, column, end line, end column, severity, rule, message.
 * One expression for GitHub's and VS Code's problem matchers; holds for drive letters, spaces and absolute paths.
 */
export const problemMatcher = /^(.+?):(\d+):(\d+)(?:-(\d+):(\d+))?:\s+(error|warning|info)\s+([a-z][a-z0-9-]*):\s+(.*)$/;
