using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>One thing that is measured, with everybody who does it.</summary>
internal interface IScenario
{
    /// <summary>As it is asked for on the command line.</summary>
    string Name { get; }

    string Title { get; }

    /// <summary>What it needs and this machine has not; <c>null</c> where it has all.</summary>
    string? Lacks => null;

    Task Run(World world, Tally tally);
}
