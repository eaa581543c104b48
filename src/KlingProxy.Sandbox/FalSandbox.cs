namespace KlingProxy.Sandbox;

public sealed class FalSandbox;
