/** What both contracts share: faults to inject into a backend, and what a run of a contract reports. */
export type { BehaviourResult, ContractReport, Outcome } from './contract/behaviour.ts';
export type { ContractRunner } from './contract/contract.ts';
export type { DescribeFunction, TestFunction } from './contract/test-runner.ts';
export {
  before,
  type Fault,
  halfWay,
  lostAnswer,
  type MakeError,
  refused,
  reset,
  shortBody,
  throttled,
  timedOut,
  waitFor,
} from './faults/fault.ts';
export { type BackendCall, type Interceptor, intercept, type Operation } from './faults/intercept.ts';
export { type Recording, recordCalls } from './faults/record-calls.ts';
export { type PlannedFault, withFaults } from './faults/with-faults.ts';
