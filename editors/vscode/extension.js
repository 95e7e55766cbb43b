'use strict';
const vscode = require('vscode');

/** Offers `deadheat: check` and `deadheat: watch` for each workspace folder, and completes tasks of people's own. */
exports.activate = (context) => {
  context.subscriptions.push(
    vscode.tasks.registerTaskProvider('deadheat', {
      provideTasks: () => (vscode.workspace.workspaceFolders ?? []).flatMap((folder) => [taskOf({ type: 'deadheat' }, folder), taskOf({ type: 'deadheat', watch: true }, folder)]),
      resolveTask: (task) => taskOf(task.definition, task.scope),
    }),
  );
};

function taskOf(definition, scope) {
  const watch = definition.watch === true;
  const args = ['deadheat', 'check', '--format', 'unix', ...(watch ? ['--watch'] : []), ...(definition.args ?? []), '--', ...(definition.paths ?? ['.'])];
  // Arguments as a list: each is quoted for the shell of the machine.
  const task = new vscode.Task(definition, scope, watch ? 'watch' : 'check', 'deadheat', new vscode.ShellExecution('npx', args), watch ? '$deadheat-watch' : '$deadheat');
  task.isBackground = watch;
  return task;
}
